// Checks that what is kept forever goes to S3 where that is set up; where it is not, that is told and nothing is wrong.
import { topics } from '../../protocol/topics.ts';
import type { OffloadState, PartitionState, StorageState } from './doctor-parts.ts';
import { ok, skipped, warning, wrong, type Finding } from './finding.ts';
import { formatBytes } from './format-bytes.ts';
import { checkOfPulsar } from './pulsar-check.ts';

const KEYS = ['managedLedgerOffloadDriver', 'managedLedgerOffloadAutoTriggerSizeThresholdBytes', 'managedLedgerOffloadThresholdInSeconds'];
const RETAINED = Object.values(topics)
  .filter(({ retained }) => retained)
  .map(({ name }) => name);

/** What is set, the namespace's word before the brokers'. */
export interface OffloadPlan {
  /** Empty where offloading is off. */
  readonly driver: string;
  /** Whether there is a size or an age from which on a topic is offloaded. */
  readonly hasThreshold: boolean;
  readonly thresholdBytes: number;
}

/** A topic that is kept. */
export interface RetainedTopic {
  readonly name: string;
  readonly partitions: readonly PartitionState[];
  readonly storage: StorageState | undefined;
}

/** Puts the settings of the namespace and of the brokers together. */
export const planOffload = (namespace: OffloadState, broker: Readonly<Record<string, string>>): OffloadPlan => {
  const read = (own: number | undefined, key: string): number => (own !== undefined && own >= 0 ? own : Number(broker[key] ?? -1));
  const bytes = read(namespace.thresholdBytes, 'managedLedgerOffloadAutoTriggerSizeThresholdBytes');
  const seconds = read(namespace.thresholdSeconds, 'managedLedgerOffloadThresholdInSeconds');
  return {
    driver: namespace.driver ?? broker['managedLedgerOffloadDriver'] ?? '',
    hasThreshold: bytes >= 0 || seconds >= 0,
    thresholdBytes: bytes,
  };
};

const LOG_FIX =
  'See the log of the broker that owns it: credentials, bucket, region, endpoint. What failed is tried again with the next ledger, or by bin/pulsar-admin topics offload.';

const judgeTopic = (plan: OffloadPlan, { name, partitions, storage }: RetainedTopic): Finding => {
  const failed = partitions.filter(({ offloadFailedAt, offloadSucceededAt }) => offloadFailedAt > offloadSucceededAt);
  const offloaded = partitions.reduce((sum, partition) => sum + partition.offloadedBytes, 0);
  const stored = partitions.reduce((sum, partition) => sum + partition.storedBytes, 0);
  if (failed.length > 0) {
    const last = Math.max(...failed.map(({ offloadFailedAt }) => offloadFailedAt));
    const where = failed.map(({ partition }) => partition).join(', ');
    return wrong(
      `${name}: the last offload failed, at ${new Date(last).toISOString()} (partitions ${where}).`,
      'What is not offloaded fills the disks of the bookies. Nothing is lost meanwhile.',
      LOG_FIX,
    );
  }
  const waiting = storage?.closedBytes ?? 0;
  const hasSucceeded = partitions.some(({ offloadSucceededAt }) => offloadSucceededAt > 0);
  if (!hasSucceeded && offloaded === 0 && plan.thresholdBytes >= 0 && waiting > plan.thresholdBytes)
    return warning(
      `${name}: ${formatBytes(waiting)} could be offloaded, and none ever were.`,
      'Ledgers are offloaded when they are closed; these are, and no try was noted since the broker has the topic.',
      LOG_FIX,
    );
  return ok(`${name}: ${formatBytes(offloaded)} of ${formatBytes(stored)} are offloaded.`);
};

/** What the settings and the figures mean. */
export const judgeOffload = (plan: OffloadPlan, retained: readonly RetainedTopic[], flags: string): readonly Finding[] => {
  const names = retained.map(({ name }) => name).join(', ');
  if (plan.driver === '') return [ok(`Offloading is off: ${names === '' ? 'what is retained' : names} stay on the disks of the bookies.`)];
  if (!plan.hasThreshold)
    return [
      warning(
        `Offloading is set up (${plan.driver}), and no size is set from which on it happens.`,
        'Nothing is ever offloaded: history fills the disks of the bookies.',
        `Set a size: starquake topics apply ${flags} --offload-threshold 10GiB`,
      ),
    ];
  return retained.map((topic) => judgeTopic(plan, topic));
};

/** Topics that are kept forever. */
export const offloadCheck = checkOfPulsar('offload', async (pulsar) => {
  const [namespace, broker] = await Promise.all([pulsar.readOffload(), pulsar.readSettings(pulsar.place.webUrl, KEYS)]);
  const topicsFound = await Promise.all(
    RETAINED.map(async (name) => {
      const [partitions, storage] = await Promise.all([pulsar.readPartitions(name), pulsar.readStorage(name)]);
      return { name, partitions, storage };
    }),
  );
  const present = topicsFound.filter(({ storage }) => storage !== undefined);
  if (present.length === 0) return [skipped('None of the topics that are kept is there: see "topics".')];
  return judgeOffload(planOffload(namespace, broker), present, pulsar.place.flags);
});
