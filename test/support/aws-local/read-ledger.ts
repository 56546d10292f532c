// Reads the whole ledger of a namespace: every entry on `usage`, each once, as often as it may have been published.
import { z } from 'zod';
import { ledgerEntrySchema, type LedgerEntry } from '../../../src/protocol/ledger-entry.ts';
import { topics } from '../../../src/protocol/topics.ts';
import type { Bus } from '../../../src/ports/bus.ts';

const CALL = { timeoutMs: 30_000 };
const BATCH = 500;
const usageSchema = z.object({ entries: z.array(ledgerEntrySchema) });

/** What is in a ledger. */
export interface Ledger {
  readonly entries: ReadonlyMap<string, LedgerEntry>;
  /** Entries that came more than once, with different figures. */
  readonly contradicted: readonly string[];
}

/** Reads all entries, by the ids of their invocations. */
export const readLedger = async (bus: Bus): Promise<Ledger> => {
  const entries = new Map<string, LedgerEntry>();
  const contradicted: string[] = [];
  for (let from = 0; ;) {
    const messages = await bus.readStream(topics.usage.name, 0, from, BATCH, CALL);
    const last = messages.at(-1);
    if (last === undefined) return { entries, contradicted };
    for (const entry of messages.flatMap(({ body }) => usageSchema.parse(JSON.parse(body)).entries)) {
      const known = entries.get(entry.requestId);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(entry)) contradicted.push(entry.requestId);
      entries.set(entry.requestId, entry);
    }
    from = last.position + 1;
  }
};
