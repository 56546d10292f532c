// Renders what an instance is told at its first boot: what it is called, what belongs to it, and where the rest comes from.
import { listWith, type PlannedNode } from './plan-nodes.ts';

/** Variables of a file that a shell reads; values may be tokens. */
export type Variables = Readonly<Record<string, string>>;

/** The rest: one script, checked before it is run. */
export interface InstallerObject {
  readonly bucket: string;
  readonly key: string;
  /** Of its text, in hexadecimal. */
  readonly sha256: string;
}

/** A marker that no value holds. */
const END = 'END-OF-SETTINGS';

const write = (path: string, mode: string, variables: Variables): string => {
  const lines = Object.entries(variables).map(([key, value]) => `${key}='${value}'\n`);
  return `install -D -m ${mode} /dev/stdin ${path} <<'${END}'\n${lines.join('')}${END}\n`;
};

/**
 * The user data of an instance, far below its limit of 16 KB.
 *
 * @param node - read by every script of the machine
 * @param connector - settings of the connector; undefined where none runs
 */
export const renderStart = (
  node: Variables,
  connector: Variables | undefined,
  { bucket, key, sha256 }: InstallerObject,
): string => `#!/usr/bin/env bash
# Tells this machine what it is, and has the rest fetched, checked and run.
set -euo pipefail
${write('/etc/starquake/node.env', '0644', node)}${connector ? write('/etc/starquake/connector.env', '0644', connector) : ''}
# shellcheck source=/dev/null
source /etc/starquake/node.env
export AWS_DEFAULT_REGION=$STARQUAKE_REGION
installer=/var/lib/starquake/install.sh
mkdir -p /var/lib/starquake
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if aws s3 cp --only-show-errors 's3://${bucket}/${key}' "$installer"; then break; fi
  echo "The installer could not be fetched, attempt $attempt." >&2
  sleep 15
done
echo "${sha256}  $installer" | sha256sum --check --quiet
# Nobody else would try again; it is harmless to repeat.
until bash "$installer"; do
  echo 'The installer failed; it is tried again in a minute.' >&2
  sleep 60
done
`;

/** Where ZooKeeper is, for tools. */
export const listZookeepers = (nodes: readonly PlannedNode[]): string =>
  listWith(nodes, 'zookeeper')
    .map(({ description: { host } }) => `${host}:2181`)
    .join(',');
