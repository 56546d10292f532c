// Renders what the CloudWatch agent of a machine reads: which measurements and which logs leave it.
import { ports } from '../pulsar-config/places.ts';
import { nameMetrics } from '../settings/names.ts';
import { scrapedMetrics, type ScrapedMetric } from '../settings/scraped-metrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { MachineFile } from './machine-file.ts';
import type { Role } from './plan-nodes.ts';

/** Where the agent's files are. */
export const AGENT_FILES = { agent: '/etc/starquake/agent.json', scrape: '/etc/starquake/scrape.yaml' } as const;

/** What the agent's settings follow from. */
export interface AgentOf {
  readonly settings: Settings;
  readonly roles: readonly Role[];
  /** Of the machine. */
  readonly name: string;
}

/** Whether machines of this size tell CloudWatch of themselves: `dev` has no way there, which costs more than it. */
export const isMeasured = ({ size }: Settings): boolean => size !== 'dev';

/** Where logs go. @example nameMachineLogs({ name: 'starquake' }); // '/starquake/machines' */
export const nameMachineLogs = ({ name }: Pick<Settings, 'name'>): string => `/${name}/machines`;

/** Where measurements go on their way: CloudWatch takes them out of lines of a log. */
export const nameMeasureLogs = ({ name }: Pick<Settings, 'name'>): string => `/${name}/measurements`;

const targets: Readonly<Partial<Record<Role, { readonly job: string; readonly port: number }>>> = {
  zookeeper: { job: 'zookeeper', port: ports.zookeeperMetrics },
  bookie: { job: 'bookie', port: ports.bookieMetrics },
  broker: { job: 'broker', port: ports.localWeb },
  standalone: { job: 'broker', port: ports.localWeb },
  connector: { job: 'connector', port: 9464 },
};

const disks: Readonly<Partial<Record<Role, readonly string[]>>> = {
  zookeeper: ['/data/zookeeper'],
  bookie: ['/data/journal', '/data/ledgers'],
  standalone: ['/data/standalone'],
};

const renderScrape = (roles: readonly Role[]): string => {
  const jobs = roles
    .flatMap((role) => targets[role] ?? [])
    .map(({ job, port }) => `  - job_name: ${job}\n    static_configs:\n      - targets: ['127.0.0.1:${port}']\n`);
  return `global:\n  scrape_interval: 60s\n  scrape_timeout: 20s\nscrape_configs:\n${jobs.join('')}`;
};

const declare = ({ name, source, labels, only = {} }: ScrapedMetric): unknown => ({
  source_labels: ['job', ...Object.keys(only)],
  label_matcher: `^${[source, ...Object.values(only)].join(';')}$`,
  dimensions: [['job', ...labels]],
  metric_selectors: [`^${name}$`],
});

const renderAgentConf = ({ settings, roles, name }: AgentOf): string => {
  const jobs = new Set<string>(roles.flatMap((role) => targets[role]?.job ?? []));
  const declarations = Object.values<ScrapedMetric>(scrapedMetrics).filter(({ source }) => jobs.has(source));
  const logs = roles.map((role) => ({
    file_path: `/var/log/starquake/${role}.log`,
    log_group_name: nameMachineLogs(settings),
    log_stream_name: `${name}/${role}/{instance_id}`,
  }));
  const conf = {
    agent: { metrics_collection_interval: 60, run_as_user: 'root', region: settings.region },
    metrics: {
      namespace: nameMetrics(settings),
      metrics_collected: {
        disk: {
          measurement: ['used_percent'],
          resources: ['/', ...roles.flatMap((role) => disks[role] ?? [])],
          drop_device: true,
          append_dimensions: { job: 'machine' },
        },
      },
      aggregation_dimensions: [['job']],
    },
    logs: {
      logs_collected: { files: { collect_list: logs } },
      metrics_collected: {
        prometheus: {
          prometheus_config_path: AGENT_FILES.scrape,
          log_group_name: nameMeasureLogs(settings),
          emf_processor: {
            metric_namespace: nameMetrics(settings),
            metric_unit: Object.fromEntries(declarations.map(({ name: metric, unit }) => [metric, unit])),
            metric_declaration: declarations.map(declare),
          },
        },
      },
    },
  };
  return `${JSON.stringify(conf, undefined, 2)}\n`;
};

/** The agent's files; none where it is not. */
export const renderAgent = (machine: AgentOf): readonly MachineFile[] =>
  isMeasured(machine.settings)
    ? [
        { path: AGENT_FILES.agent, text: renderAgentConf(machine), mode: '0644' },
        { path: AGENT_FILES.scrape, text: renderScrape(machine.roles), mode: '0644' },
      ]
    : [];
