// Holds the commands that an operator runs against AWS to what there is: the CDK's subcommands and options, the operations of AWS.

/** Options of every subcommand. */
const always = ['app', 'context', 'profile', 'region', 'output', 'quiet', 'ci'];

/** Subcommands of the CDK that the documentation may name, with their options beside those. */
const cdkCommands: Readonly<Record<string, readonly string[]>> = {
  bootstrap: ['trust', 'qualifier', 'cloudformation-execution-policies'],
  deploy: ['all', 'require-approval', 'concurrency', 'method', 'import-existing-resources', 'exclusively'],
  destroy: ['all', 'force'],
  diff: ['security-only', 'fail'],
  list: ['long'],
  synth: ['validation'],
};

/** Operations of AWS that the documentation may name, with their options; each was looked up in AWS's own description of its API. */
const awsOperations: Readonly<Record<string, readonly string[]>> = {
  'autoscaling describe-auto-scaling-groups': ['filters'],
  'autoscaling terminate-instance-in-auto-scaling-group': ['instance-id', 'no-should-decrement-desired-capacity'],
  'backup delete-backup-vault': ['backup-vault-name'],
  'backup delete-backup-vault-access-policy': ['backup-vault-name'],
  'backup delete-recovery-point': ['backup-vault-name', 'recovery-point-arn'],
  'backup list-recovery-points-by-backup-vault': ['backup-vault-name', 'by-resource-type'],
  'cloudformation continue-update-rollback': ['stack-name', 'resources-to-skip'],
  'cloudformation describe-stacks': ['stack-name'],
  'cloudformation list-stack-resources': ['stack-name'],
  'cloudformation update-termination-protection': ['enable-termination-protection', 'no-enable-termination-protection', 'stack-name'],
  'cognito-idp delete-user-pool': ['user-pool-id'],
  'cognito-idp list-user-pools': ['max-results'],
  'cognito-idp update-user-pool': ['user-pool-id', 'deletion-protection'],
  'dynamodb delete-table': ['table-name'],
  'dynamodb update-table': ['table-name', 'deletion-protection-enabled', 'no-deletion-protection-enabled'],
  'ec2 delete-volume': ['volume-id'],
  'ec2 describe-availability-zones': [],
  'ec2 describe-instance-type-offerings': ['location-type', 'filters'],
  'ec2 describe-instances': ['filters'],
  'ec2 describe-volumes': ['filters'],
  'elbv2 modify-load-balancer-attributes': ['load-balancer-arn', 'attributes'],
  'kms describe-key': ['key-id'],
  'kms schedule-key-deletion': ['key-id', 'pending-window-in-days'],
  'logs tail': ['since', 'filter-pattern'],
  's3 cp': [],
  's3api delete-bucket': ['bucket'],
  's3api put-bucket-lifecycle-configuration': ['bucket', 'lifecycle-configuration'],
  'ssm delete-parameters': ['names'],
  'ssm describe-automation-executions': ['filters'],
  'ssm get-parameters-by-path': ['path', 'recursive'],
  'ssm start-automation-execution': ['document-name', 'parameters'],
  'ssm start-session': ['target'],
  'sts get-caller-identity': [],
};

/** Options of every operation of AWS. */
const everywhere = ['query', 'output', 'region'];

/** What may follow `-c`, as a name before `=`. */
const contexts = ['size', 'config', 'starquake:removal', 'starquake:frozen'];

const listOptions = (words: readonly string[]): readonly string[] => words.flatMap((word) => /^--([a-z0-9-]+)/.exec(word)?.[1] ?? []);

/**
 * Says what is wrong with a command of the CDK; undefined if nothing is.
 *
 * @param words - behind `cdk`
 * @param stacks - that there are
 */
export const checkCdk = ([command = '', ...rest]: readonly string[], stacks: readonly string[]): string | undefined => {
  const known = cdkCommands[command];
  if (known === undefined) return `the CDK has no "${command}"`;
  const option = listOptions(rest).find((name) => ![...known, ...always].includes(name));
  if (option !== undefined) return `"cdk ${command}" has no option --${option}`;
  for (const [at, word] of rest.entries()) {
    const before = rest[at - 1] ?? '';
    if (before === '-c' && !contexts.includes(word.split('=')[0] ?? '')) return `nothing reads "${word}"`;
    const isStack = !word.startsWith('-') && (!before.startsWith('-') || ['--all', '--quiet'].includes(before));
    if (isStack && !stacks.includes(word)) return `there is no stack ${word}`;
  }
  return undefined;
};

/**
 * Says what is wrong with a command of AWS; undefined if nothing is.
 *
 * @param words - behind `aws`
 */
export const checkAws = ([service = '', operation = '', ...rest]: readonly string[]): string | undefined => {
  const known = awsOperations[`${service} ${operation}`];
  if (known === undefined) return `"aws ${service} ${operation}" is not known to be an operation of AWS`;
  const option = listOptions(rest).find((name) => ![...known, ...everywhere].includes(name));
  return option === undefined ? undefined : `"aws ${service} ${operation}" has no option --${option}`;
};
