// Says what a broker has in a queue: how many messages came, and how many of them wait for their time.
import { z } from 'zod';

/** What a broker says of a queue of one partition. */
export interface QueueStats {
  /** Messages that were published since the broker took the topic up. */
  readonly published: number;
  /** Messages that wait for their time. */
  readonly delayed: number;
  /** What the broker keeps in memory to know when they are due. */
  readonly delayIndexBytes: number;
}

const statsSchema = z.object({
  msgInCounter: z.number(),
  delayedMessageIndexSizeInBytes: z.number(),
  subscriptions: z.record(z.string(), z.object({ msgDelayed: z.number() })),
});

/** @param path - tenant, namespace and topic, such as `acme/main/timers` */
export const readQueueStats = async (webUrl: string, path: string): Promise<QueueStats> => {
  const answer = await fetch(`${webUrl}/admin/v2/persistent/${path}-partition-0/stats`, { signal: AbortSignal.timeout(30_000) });
  const stats = statsSchema.parse(await answer.json());
  return {
    published: stats.msgInCounter,
    delayed: Object.values(stats.subscriptions).reduce((sum, { msgDelayed }) => sum + msgDelayed, 0),
    delayIndexBytes: stats.delayedMessageIndexSizeInBytes,
  };
};
