// Renders what a process is started with, as systemd reads it: memory, collector, where its settings and logs are.
import type { NodeDescription, ProcessMemory, Role } from './cluster-description.ts';
import { places } from './places.ts';

/** The rendered file of a role, and the variable that names it. */
export const confFiles = {
  zookeeper: { variable: 'PULSAR_ZK_CONF', path: `${places.conf}/zookeeper.conf` },
  bookie: { variable: 'PULSAR_BOOKKEEPER_CONF', path: `${places.conf}/bookkeeper.conf` },
  broker: { variable: 'PULSAR_BROKER_CONF', path: `${places.conf}/broker.conf` },
  proxy: { variable: 'PULSAR_PROXY_CONF', path: `${places.conf}/proxy.conf` },
  standalone: { variable: 'PULSAR_STANDALONE_CONF', path: `${places.conf}/standalone.conf` },
} as const satisfies Readonly<Record<Role, { readonly variable: string; readonly path: string }>>;

/** The client's file. */
export const clientConf = `${places.conf}/client.conf`;

/** The environment of the tools of a node: `pulsar-admin`, and `pulsar` for anything that ends by itself. */
export const toolsEnvironment = `${places.conf}/tools.env`;

/** Where the environment of a role is. @example findEnvironment('bookie'); // '/etc/pulsar/bookie.env' */
export const findEnvironment = (role: Role): string => `${places.conf}/${role}.env`;

/** All of it from the start, so that a machine which is too small says so at once. */
const writeMemory = ({ heapMib, directMib }: ProcessMemory): string =>
  `-Xms${heapMib}m -Xmx${heapMib}m -XX:MaxDirectMemorySize=${directMib}m -XX:+AlwaysPreTouch`;

/** A process without memory ends, and is started again; it does not limp. */
const OUT_OF_MEMORY = `-XX:+ExitOnOutOfMemoryError -XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=${places.logs}`;
const COLLECTOR = '-XX:+UseG1GC -XX:MaxGCPauseMillis=10 -XX:+ParallelRefProcEnabled -XX:+PerfDisableSharedMem';
const OPTIONS = '-Dio.netty.leakDetection.level=disabled -Dio.netty.recycler.maxCapacityPerThread=4096 -Dpulsar.allocator.exit_on_oom=true';

const writeVariables = (variables: Readonly<Record<string, string>>): string =>
  `${Object.entries(variables)
    .map(([key, value]) => `${key}="${value}"`)
    .join('\n')}\n`;

/** The environment file of tools; the same on all nodes. */
export const renderToolsEnvironment = (): string =>
  writeVariables({
    PULSAR_MEM: '-Xmx192m -XX:MaxDirectMemorySize=64m',
    PULSAR_GC: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
    PULSAR_GC_LOG: '-Xlog:disable',
    PULSAR_CLIENT_CONF: clientConf,
    PULSAR_LOG_DIR: places.logs,
    PULSAR_LOG_APPENDER: 'Console',
    PULSAR_LOG_LEVEL: 'warn',
  });

/** The environment file of a role: one variable a line, values in double quotes. */
export const renderEnvironment = ({ processes }: NodeDescription, role: Role): string => {
  const memory = processes[role];
  const { variable, path } = confFiles[role];
  const collectorLog = `-Xlog:async -Xlog:gc:file=${places.logs}/${role}-gc.log:time,uptime,tags:filecount=5,filesize=10M`;
  const kind = role === 'bookie' ? 'BOOKIE' : 'PULSAR';
  return writeVariables({
    [variable]: path,
    ...(memory !== undefined && {
      [`${kind}_MEM`]: writeMemory(memory),
      [`${kind}_GC`]: `${COLLECTOR} ${OUT_OF_MEMORY}`,
      [`${kind}_GC_LOG`]: collectorLog,
      [`${kind}_EXTRA_OPTS`]: OPTIONS,
    }),
    PULSAR_LOG_DIR: places.logs,
    // To the output of the process, which its unit appends to a file that the agent reads.
    PULSAR_LOG_APPENDER: 'Console',
    PULSAR_LOG_LEVEL: 'info',
  });
};
