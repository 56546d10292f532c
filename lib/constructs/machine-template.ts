// The launch template of a machine: what every one of them has in common, whatever it does.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tags } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  UserData,
  type SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { ROOT_GIB } from '../../src/cost/size-shapes.ts';
import type { MachineFile } from '../machines/machine-file.ts';
import { renderInstaller } from '../machines/render-machine.ts';
import { renderSignal, type SignalTo } from '../machines/render-signal.ts';
import { renderStart, type InstallerObject, type Variables } from '../machines/render-start.ts';
import { allow } from './allow.ts';

/** Amazon Linux 2023 for arm64; the parameter is read when an instance is launched, so that a new one is up to date. */
const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

/** What a template is made from. */
export interface MachineTemplateProps {
  /** Of the machine or of its group. */
  readonly name: string;
  readonly platform: string;
  readonly instanceType: string;
  readonly role: Role;
  readonly groups: readonly SecurityGroup[];
  readonly files: readonly MachineFile[];
  /** Read by every script of the machine. */
  readonly node: Variables;
  readonly connector?: Variables;
  /** Who is told whether the machine works; nobody unless given. */
  readonly signal?: SignalTo;
}

/** Puts the installer among the assets: the same text is the same asset. */
const createInstaller = (scope: Construct, { name, files, role }: MachineTemplateProps): InstallerObject => {
  const text = renderInstaller(name, files);
  const folder = mkdtempSync(join(tmpdir(), 'starquake-'));
  try {
    const path = join(folder, 'install.sh');
    writeFileSync(path, text);
    const asset = new Asset(scope, 'Installer', { path });
    // This one object; `grantRead` would open the whole bucket of assets.
    allow(role, ['s3:GetObject'], [asset.bucket.arnForObjects(asset.s3ObjectKey)]);
    return { bucket: asset.s3BucketName, key: asset.s3ObjectKey, sha256: createHash('sha256').update(text).digest('hex') };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/**
 * Makes a launch template: IMDSv2 only, no key pair, no public address, everything encrypted.
 *
 * @example
 * createTemplate(this, { name: 'bookie-1', platform: 'starquake', instanceType: 'im4gn.large', role, groups, files, node: {} });
 */
export const createTemplate = (scope: Construct, props: MachineTemplateProps): LaunchTemplate => {
  const { name, platform, instanceType, role, groups, node, connector, signal } = props;
  const [group, ...more] = groups;
  const template = new LaunchTemplate(scope, 'Template', {
    instanceType: new InstanceType(instanceType),
    machineImage: MachineImage.resolveSsmParameterAtLaunch(IMAGE, { userData: UserData.custom('') }),
    userData: UserData.custom(`${renderStart(node, connector, createInstaller(scope, props))}${signal ? renderSignal(signal) : ''}`),
    role,
    ...(group && { securityGroup: group }),
    httpTokens: LaunchTemplateHttpTokens.REQUIRED,
    httpPutResponseHopLimit: 1,
    instanceMetadataTags: false,
    detailedMonitoring: false,
    ebsOptimized: true,
    blockDevices: [
      {
        deviceName: '/dev/xvda',
        volume: BlockDeviceVolume.ebs(ROOT_GIB, { encrypted: true, volumeType: EbsDeviceVolumeType.GP3, deleteOnTermination: true }),
      },
    ],
  });
  for (const other of more) template.addSecurityGroup(other);
  Tags.of(template).add('Name', `${platform}-${name}`);
  Tags.of(template).add('starquake', platform);
  return template;
};
