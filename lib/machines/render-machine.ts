// Renders all files of a machine but those that its keys come from: configuration, units, scripts, settings of the kernel.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ClusterDescription } from '../pulsar-config/cluster-description.ts';
import { initializeMetadata, prepareNamespace, registerRack, type CommandLine, type Preparation } from '../pulsar-config/node-commands.ts';
import { renderNode } from '../pulsar-config/render-node.ts';
import type { Settings } from '../settings/settings.ts';
import type { MachineFile } from './machine-file.ts';
import type { PlannedNode, Role } from './plan-nodes.ts';
import { AGENT_FILES, renderAgent } from './render-agent.ts';
import { renderUnits } from './render-units.ts';

/** What a machine is: a node, or one of the group of connectors. */
export interface MachineOf {
  readonly settings: Settings;
  readonly cluster: ClusterDescription;
  /** Undefined for a connector, which has no identity. */
  readonly node?: PlannedNode;
}

/** The scripts of `scripts/`, by the name that they have on a machine. */
const scripts = [
  'check',
  'decommission-bookie',
  'fetch-keys',
  'fetch-software',
  'make-keys',
  'prepare-bookie',
  'restart',
  'take-over',
  'tool',
] as const;

const program = (name: string, text: string): MachineFile => ({ path: `/opt/starquake/bin/${name}`, text, mode: '0755' });
const file = (path: string, text: string): MachineFile => ({ path, text, mode: '0644' });

const readScript = (name: string): MachineFile => program(name, readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), 'utf8'));

const writeCommand = (command: CommandLine): string =>
  ['/opt/starquake/bin/tool', basename(command[0]), ...command.slice(1)]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`))
    .join(' ');

const writePreparation = ({ unless, command }: Preparation): string =>
  unless === undefined ? writeCommand(command) : `${writeCommand(unless)} >/dev/null 2>&1 || ${writeCommand(command)}`;

const script = (about: string, body: string): string => `#!/usr/bin/env bash\n# ${about}\nset -euo pipefail\n${body}\n`;

/** Everything that a machine does, asked one after the other. */
const renderCheck = (machine: MachineOf): MachineFile => {
  const roles = listRolesOf(machine);
  const checks = [...roles, ...(roles.includes('bookie') ? ['filled', 'copies'] : [])].map(
    (what) => `/opt/starquake/bin/check ${what} "$seconds"`,
  );
  const about = 'Tells whether all that this machine does is well: check-machine <seconds to wait for each>';
  return program('check-machine', script(about, ['seconds=$1', ...checks].join('\n')));
};

const renderCommands = ({ settings, cluster, node }: MachineOf): readonly MachineFile[] => {
  if (node === undefined) return [];
  return [
    ...(node.isFirst && node.roles.includes('zookeeper')
      ? [
          program(
            'prepare-metadata',
            script('Lays down the metadata; where it is already, it stays.', `exec ${writeCommand(initializeMetadata(cluster))}`),
          ),
        ]
      : []),
    ...(node.isFirst
      ? [
          program(
            'prepare-namespace',
            script('Makes what is not there yet.', prepareNamespace(cluster, settings.namespace).map(writePreparation).join('\n')),
          ),
        ]
      : []),
    ...(node.roles.includes('bookie')
      ? [program('prepare-rack', script('Tells in which zone this bookie is.', `exec ${writeCommand(registerRack(node.description))}`))]
      : []),
  ];
};

/** Java takes large pages where it asks for them; nothing is swapped; many connections, also idle ones. */
const KERNEL = `# Of a machine that serves many connections and writes much.
vm.swappiness = 1
vm.max_map_count = 262144
vm.dirty_background_ratio = 5
fs.file-max = 1048576
net.core.somaxconn = 4096
net.ipv4.tcp_max_syn_backlog = 4096
net.ipv4.tcp_keepalive_time = 120
`;
const PAGES = `# Large pages are for who asks for them.
w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise
w /sys/kernel/mm/transparent_hugepage/defrag - - - - madvise
`;

/** How many logs are kept, one a day; compressed they are a few hundred MB in all, which the disk of the system has room for. */
const KEPT_LOGS = 5;
/** Whether a bookie has fetched all that it should hold is in its log alone: `check filled` must find it weeks after its last start. */
const KEPT_BOOKIE_LOGS = 30;

const renderRotation = (roles: readonly Role[]): string =>
  roles
    .map(
      (role) => `/var/log/starquake/${role}.log {
  daily
  maxsize 100M
  rotate ${role === 'bookie' ? KEPT_BOOKIE_LOGS : KEPT_LOGS}
  compress
  missingok
  notifempty
  copytruncate
}
`,
    )
    .join('');

/** BookKeeper's tools answer by their log. */
const TOOL_LOG = `# What a tool of BookKeeper answers, and errors.
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %msg%n
rootLogger.level = error
rootLogger.appenderRef.console.ref = console
logger.commands.name = org.apache.bookkeeper.tools
logger.commands.level = info
logger.shell.name = org.apache.bookkeeper.bookie.BookieShell
logger.shell.level = info
`;

/** ZooKeeper's number is among its data, on a disk that is not there yet while files are put. */
const findPlace = (path: string): string => (path.startsWith('/data/') ? `/opt/starquake${path}` : path);

/** What a machine does. */
export const listRolesOf = ({ node }: MachineOf): readonly Role[] => node?.roles ?? ['connector'];

/**
 * Renders the files of a machine.
 *
 * @example
 * renderMachine({ settings, cluster, node }).map(({ path }) => path); // ['/etc/pulsar/broker.conf', ..., '/opt/starquake/bin/check', ...]
 */
export const renderMachine = (machine: MachineOf): readonly MachineFile[] => {
  const { settings, cluster, node } = machine;
  const roles = listRolesOf(machine);
  const conf = node === undefined ? [] : renderNode(cluster, node.description);
  return [
    ...conf.map(({ path, text }) => file(findPlace(path), text)),
    ...renderUnits({ roles, isFirst: node?.isFirst ?? false }).map(({ name, text }) => file(`/etc/systemd/system/${name}`, text)),
    ...scripts.map(readScript),
    file('/opt/starquake/bin/tool-log.properties', TOOL_LOG),
    renderCheck(machine),
    ...renderCommands(machine),
    ...renderAgent({ settings, roles, name: node?.description.name ?? 'connector' }),
    file('/etc/sysctl.d/90-starquake.conf', KERNEL),
    file('/etc/tmpfiles.d/starquake.conf', PAGES),
    file('/etc/logrotate.d/starquake', renderRotation(roles)),
  ];
};

/** Marks the end of a file in the installer; no file holds it. */
const END = 'END-OF-FILE-OF-STARQUAKE';

/**
 * One script that puts all files of a machine in their places and starts it: an asset without tokens, the same at every synth.
 *
 * @param name - of the machine, for whoever reads it
 */
export const renderInstaller = (name: string, files: readonly MachineFile[]): string => `#!/usr/bin/env bash
# Puts the files of ${name} in their places and starts it.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/starquake/node.env

for user in pulsar starquake; do
  id -u "$user" >/dev/null 2>&1 || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$user"
done
install -d -m 0755 /data /opt/starquake/bin /opt/starquake/data /var/log/starquake
install -d -m 0750 -o pulsar -g pulsar /var/log/pulsar
put() { install -D -m "$1" /dev/stdin "$2"; }
${files.map(({ path, text, mode }) => `put ${mode} ${path} <<'${END}'\n${text.endsWith('\n') ? text : `${text}\n`}${END}\n`).join('')}
find /etc/pulsar -name '*.conf' -exec sed -i "s|@OFFLOAD_BUCKET@|$STARQUAKE_OFFLOAD_BUCKET|" {} + 2>/dev/null || true
/opt/starquake/bin/fetch-software
systemd-tmpfiles --create /etc/tmpfiles.d/starquake.conf
sysctl --quiet --system
systemctl daemon-reload
systemctl enable ${files
  .flatMap(({ path }) => /^\/etc\/systemd\/system\/(starquake[^/]*\.(?:service|timer|target))$/.exec(path)?.[1] ?? [])
  .filter((unit) => unit !== 'starquake-renewal.service')
  .join(' ')}
if [[ $STARQUAKE_MEASURES == yes ]]; then
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:${AGENT_FILES.agent}
fi
systemctl start --no-block starquake.target starquake-renewal.timer
`;
