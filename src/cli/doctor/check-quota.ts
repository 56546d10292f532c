// Checks how near the backlog of each topic is to its quota: at the quota its publishers wait.
import type { PartitionState } from './doctor-parts.ts';
import { ok, skipped, warning, wrong, type Finding } from './finding.ts';
import { formatBytes } from './format-bytes.ts';
import { checkOfPulsar } from './pulsar-check.ts';

const NEAR = 0.8;

const findSlowest = ({ subscriptions }: PartitionState): string => {
  const slowest = subscriptions.toSorted((a, b) => b.backlogBytes - a.backlogBytes || b.backlog - a.backlog)[0];
  return slowest === undefined ? 'no subscription' : `the subscription ${slowest.name}`;
};

const judgePartition = (state: PartitionState, flags: string): Finding | undefined => {
  const { topic, partition, backlogBytes, quotaBytes, waitingPublishers } = state;
  const share = quotaBytes > 0 ? backlogBytes / quotaBytes : 0;
  const used = `${formatBytes(backlogBytes)} of ${quotaBytes > 0 ? formatBytes(quotaBytes) : 'any number'} are unread`;
  const what = `${topic}, partition ${partition}: ${used}`;
  const fix = `See what "subscriptions" says of ${findSlowest(state)}, which has most of it unread; or raise the quota: starquake topics apply ${flags} --backlog-limit <size>`;
  if (waitingPublishers > 0 || share >= 1)
    return wrong(
      `${what}, and its publishers wait${waitingPublishers > 0 ? ` (${waitingPublishers})` : ''}.`,
      'The quota is used up. Nothing is dropped; whatever publishes to this topic stands still until there is room.',
      fix,
    );
  if (share < NEAR) return undefined;
  return warning(`${what} (${Math.floor(share * 100)} %).`, 'At the quota publishers wait, and with them the runs.', fix);
};

/** What the backlogs mean. */
export const judgeQuotas = (partitions: readonly PartitionState[], flags: string): readonly Finding[] => {
  const found = partitions.map((state) => judgePartition(state, flags)).filter((finding) => finding !== undefined);
  if (partitions.length === 0) return [skipped('No topic is there: see "topics".')];
  if (found.length > 0) return found;
  const highest = Math.max(0, ...partitions.map(({ backlogBytes, quotaBytes }) => (quotaBytes > 0 ? backlogBytes / quotaBytes : 0)));
  return [ok(`No topic has used more than ${Math.ceil(highest * 100)} % of its backlog quota.`)];
};

/** Backlogs of all topics. */
export const quotaCheck = checkOfPulsar('backlog quota', async (pulsar) => {
  const names = await pulsar.listTopics();
  return judgeQuotas((await Promise.all(names.map((name) => pulsar.readPartitions(name)))).flat(), pulsar.place.flags);
});
