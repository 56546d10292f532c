// Says which ledgers a topic consists of, and which of them were offloaded: what the admin API knows of them.
import { z } from 'zod';

/** A ledger that holds messages. */
export interface TopicLedger {
  readonly id: number;
  readonly entries: number;
  readonly offloaded: boolean;
}

const statsSchema = z.object({
  ledgers: z.array(z.object({ ledgerId: z.number(), entries: z.number(), offloaded: z.boolean() })),
});

/** Ledgers of a partition, oldest first; the newest is being written, and shows no entries. */
export const readLedgers = async (webUrl: string, path: string): Promise<readonly TopicLedger[]> => {
  const answer = await fetch(`${webUrl}/admin/v2/persistent/${path}/internalStats`, { signal: AbortSignal.timeout(30_000) });
  const { ledgers } = statsSchema.parse(await answer.json());
  return ledgers.map(({ ledgerId, entries, offloaded }) => ({ id: ledgerId, entries, offloaded }));
};
