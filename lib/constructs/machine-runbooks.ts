// The runbooks of the machines, as documents of Systems Manager: replace, upgrade, decommission, renew keys, start again.
import { Aws } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAssociation, CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { PlannedNode } from '../machines/plan-nodes.ts';
import { decommissionBookie, nameRunbook, renewKeys, replaceNode, restartRole, upgrade, type Runbook } from '../machines/write-runbooks.ts';
import type { Settings } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';
import { allow, allowPattern, nameResource, type Conditions } from './allow.ts';

/** What runbooks are made from. */
export interface RunbooksProps {
  readonly settings: Settings;
  /** In the order in which they are upgraded. */
  readonly nodes: readonly PlannedNode[];
}

/** Certificates and tokens are good for 90 days. Only a cron expression may wait for its first time. */
const RENEWAL = 'cron(0 4 ? * SUN *)';

/** The runbooks, and the role that those of several steps have. */
export class MachineRunbooks extends Construct {
  readonly #name: string;

  constructor(scope: Construct, id: string, { settings, nodes }: RunbooksProps) {
    super(scope, id);
    this.#name = settings.name;
    const role = this.#createRole();
    const given = { name: settings.name, roleArn: role.roleArn, nodes };
    this.#add('ReplaceNode', replaceNode(given));
    this.#add('Upgrade', upgrade(given));
    this.#add('RestartRole', restartRole(given));
    const renewal = this.#add('RenewKeys', renewKeys());
    if (settings.size === 'production') this.#add('DecommissionBookie', decommissionBookie(given));
    const first = nodes.find(({ isFirst }) => isFirst)?.description.name ?? '';
    new CfnAssociation(this, 'Renewal', {
      name: renewal.ref,
      associationName: `${settings.name}-renewal`,
      parameters: { Scope: ['certificates'] },
      scheduleExpression: RENEWAL,
      // The first boot makes the keys; a platform that is just being made is not disturbed.
      applyOnlyAtCronInterval: true,
      targets: [{ key: 'tag:starquake-node', values: [`${settings.name}-${first}`] }],
    });
  }

  #add(id: string, { kind, documentType, content }: Runbook): CfnDocument {
    return new CfnDocument(this, id, {
      name: nameRunbook(this.#name, kind),
      documentType,
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
      content,
    });
  }

  #createRole(): Role {
    const role = new Role(this, 'Role', {
      roleName: `${this.#name}-runbooks`,
      assumedBy: new ServicePrincipal('ssm.amazonaws.com'),
      description: `Runbooks of ${this.#name}`,
    });
    const named = { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } };
    const tagged = (service: 'ssm:resourceTag' | 'autoscaling:ResourceTag'): Conditions => ({
      StringEquals: { [`${service}/starquake`]: this.#name },
    });
    const bound = "Not known before it runs; the condition binds it to the platform's tag";
    allow(role, ['ssm:SendCommand'], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/AWS-RunShellScript`]);
    allow(role, ['iam:PassRole'], [`arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${this.#name}-runbooks`], named);
    allowPattern(role, ['ssm:SendCommand'], [nameResource('ec2', 'instance/*')], bound, tagged('ssm:resourceTag'));
    const groups = nameResource('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/*');
    allowPattern(role, ['autoscaling:StartInstanceRefresh'], [groups], bound, tagged('autoscaling:ResourceTag'));
    const documents = nameResource('ssm', `automation-definition/${this.#name}-*:*`);
    const executions = nameResource('ssm', 'automation-execution/*');
    const own = 'Runbooks of this platform in whichever version; an execution is not known before it runs';
    allowPattern(role, ['ssm:StartAutomationExecution', 'ssm:GetAutomationExecution'], [documents, executions], own);
    const reads = ['DescribeAutoScalingGroups', 'DescribeInstanceRefreshes'].map((action) => `autoscaling:${action}`);
    const looks = ['DescribeInstanceInformation', 'ListCommands', 'ListCommandInvocations'].map((action) => `ssm:${action}`);
    allowPattern(role, [...reads, ...looks], ['*'], 'These read only, and know no resources');
    acknowledge(role, [['NIST.800.53.R5-IAMNoInlinePolicy', 'The policy is for this one role, and comes and goes with it']]);
    return role;
  }
}
