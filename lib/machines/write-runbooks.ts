// Writes the runbooks: each a document with its steps, every step with a time that it may take, and none that goes on after a failure.
import type { PlannedNode } from './plan-nodes.ts';

/** What a runbook is written from. */
export interface RunbooksOf {
  /** Of the platform. */
  readonly name: string;
  /** With which those of several steps act; may be a token. */
  readonly roleArn: string;
  /** In the order in which they are upgraded. */
  readonly nodes: readonly PlannedNode[];
}

/** The runbooks. */
export type RunbookKind = 'replace-node' | 'upgrade' | 'restart-role' | 'renew-keys' | 'decommission-bookie';

/** A runbook. */
export interface Runbook {
  readonly kind: RunbookKind;
  readonly documentType: 'Automation' | 'Command';
  readonly content: Readonly<Record<string, unknown>>;
}

/** What a runbook is called. @example nameRunbook('starquake', 'upgrade'); // 'starquake-upgrade' */
export const nameRunbook = (name: string, kind: RunbookKind): string => `${name}-${kind}`;

type Step = Readonly<Record<string, unknown>>;

const BIN = '/opt/starquake/bin';
const HOUR = 3600;

const api = (name: string, service: string, operation: string, inputs: object, outputs: readonly object[] = []): Step => ({
  name,
  action: 'aws:executeAwsApi',
  inputs: { Service: service, Api: operation, ...inputs },
  ...(outputs.length > 0 && { outputs }),
});

const wait = (
  name: string,
  service: string,
  operation: string,
  inputs: object,
  selector: string,
  value: string,
  seconds: number,
): Step => ({
  name,
  action: 'aws:waitForAwsResourceProperty',
  timeoutSeconds: seconds,
  inputs: { Service: service, Api: operation, ...inputs, PropertySelector: selector, DesiredValues: [value] },
});

/** One script of `sh`, which would go on after a command that fails. */
const run = (name: string, where: object, commands: readonly string[], seconds: number): Step => ({
  name,
  action: 'aws:runCommand',
  timeoutSeconds: seconds,
  inputs: {
    DocumentName: 'AWS-RunShellScript',
    ...where,
    Parameters: { commands: ['set -e', ...commands], executionTimeout: [String(seconds)] },
  },
});

const automation = (kind: RunbookKind, description: string, roleArn: string, parameters: object, mainSteps: readonly Step[]): Runbook => ({
  kind,
  documentType: 'Automation',
  content: { schemaVersion: '0.3', description, assumeRole: roleArn, ...(Object.keys(parameters).length > 0 && { parameters }), mainSteps },
});

const nodeParameter = (nodes: readonly PlannedNode[], what: string): object => ({
  Node: { type: 'String', description: what, allowedValues: nodes.map(({ description }) => description.name) },
});

const taggedAs = (name: string): object => ({ Targets: [{ Key: 'tag:starquake-node', Values: [`${name}-{{ Node }}`] }] });

const INSTANCE = { Name: 'InstanceId', Selector: '$.AutoScalingGroups[0].Instances[0].InstanceId', Type: 'String' };
const GROUP = { Name: 'Group', Selector: '$.AutoScalingGroups[0].AutoScalingGroupName', Type: 'String' };

/** Puts a new instance, of the newest template, under a node; only where all is well before, and until all is well after. */
export const replaceNode = ({ name, roleArn, nodes }: RunbooksOf): Runbook => {
  const byTag = { Filters: [{ Name: 'tag:starquake-node', Values: [`${name}-{{ Node }}`] }] };
  const described = { AutoScalingGroupName: '{{ find.Group }}' };
  const instance = { InstanceIds: ['{{ findNew.InstanceId }}'] };
  return automation(
    'replace-node',
    'Replaces the instance under a node; its address and its volumes stay. A bookie with disks of its own fetches what it held from the others.',
    roleArn,
    nodeParameter(nodes, 'The node to replace'),
    [
      api('find', 'autoscaling', 'DescribeAutoScalingGroups', byTag, [GROUP, INSTANCE]),
      run('checkBefore', { InstanceIds: ['{{ find.InstanceId }}'] }, [`${BIN}/check-machine 3600`], 2 * HOUR),
      api('replace', 'autoscaling', 'StartInstanceRefresh', { ...described, Preferences: { MinHealthyPercentage: 0, InstanceWarmup: 60 } }),
      wait(
        'waitForInstance',
        'autoscaling',
        'DescribeInstanceRefreshes',
        described,
        '$.InstanceRefreshes[0].Status',
        'Successful',
        2 * HOUR,
      ),
      api('findNew', 'autoscaling', 'DescribeAutoScalingGroups', byTag, [INSTANCE]),
      wait(
        'waitForAgent',
        'ssm',
        'DescribeInstanceInformation',
        { Filters: [{ Key: 'InstanceIds', Values: ['{{ findNew.InstanceId }}'] }] },
        '$.InstanceInformationList[0].PingStatus',
        'Online',
        HOUR,
      ),
      run(
        'checkAfter',
        instance,
        [`for try in 1 2 3 4 5 6 7 8 9 10 11 12; do test -x ${BIN}/check-machine && break; sleep 30; done`, `${BIN}/check-machine 21600`],
        7 * HOUR,
      ),
    ],
  );
};

/** Replaces all nodes, one after another: metadata first, then bookies, brokers, proxies. */
export const upgrade = ({ name, roleArn, nodes }: RunbooksOf): Runbook =>
  automation(
    'upgrade',
    'Brings all nodes to the newest template, one after another, and stops at the first that is not well. Connectors follow by themselves.',
    roleArn,
    {},
    nodes.map(({ description }) => ({
      name: description.name.replaceAll('-', '_'),
      action: 'aws:executeAutomation',
      timeoutSeconds: 12 * HOUR,
      onFailure: 'Abort',
      inputs: { DocumentName: nameRunbook(name, 'replace-node'), RuntimeParameters: { Node: [description.name] } },
    })),
  );

/** Starts the processes of a role again, one machine after another; each is up before the next. */
export const restartRole = ({ name, roleArn, nodes }: RunbooksOf): Runbook => {
  const roles = [...new Set([...nodes.flatMap(({ roles: own }) => own), 'connector'])];
  const where = {
    Targets: [
      { Key: 'tag:starquake', Values: [name] },
      { Key: 'tag:starquake-{{ Role }}', Values: ['yes'] },
    ],
    MaxConcurrency: '1',
    MaxErrors: '0',
  };
  return automation(
    'restart-role',
    'Starts all processes of a role again, one after another, as after a change of the signing key.',
    roleArn,
    { Role: { type: 'String', description: 'What is started again', allowedValues: roles } },
    [run('restart', where, [`${BIN}/fetch-keys`, `${BIN}/restart {{ Role }}`, `${BIN}/check-machine 600`], 6 * HOUR)],
  );
};

/** Renews keys where they are made; all machines fetch them within the hour. */
export const renewKeys = (): Runbook => ({
  kind: 'renew-keys',
  documentType: 'Command',
  content: {
    schemaVersion: '2.2',
    description:
      'Renews certificates and tokens on the first machine. With the scope `signing` also the key that signs tokens: run restart-role for standalone, broker and proxy right after it.',
    parameters: {
      Scope: { type: 'String', description: 'What is renewed', default: 'certificates', allowedValues: ['certificates', 'signing'] },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'renew',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { timeoutSeconds: '900', runCommand: ['set -e', `${BIN}/make-keys {{ Scope }}`, `${BIN}/fetch-keys`] },
      },
    ],
  },
});

/** Takes a bookie out for good: what it holds is copied to the others first. The last one is taken, as the settings count. */
export const decommissionBookie = ({ name, roleArn, nodes }: RunbooksOf): Runbook => {
  const bookies = nodes.filter(({ roles }) => roles.includes('bookie'));
  return automation(
    'decommission-bookie',
    'Takes the bookie with the highest number out of the cluster, after its ledgers have been copied. Then lower production.bookies.count and deploy.',
    roleArn,
    nodeParameter(bookies.slice(-1), 'The bookie with the highest number'),
    [
      run('checkBefore', taggedAs(name), [`${BIN}/check-machine 600`], HOUR),
      run('decommission', taggedAs(name), [`${BIN}/decommission-bookie`], 14 * HOUR),
    ],
  );
};
