// Sums the ledger that a connector writes: invocations and what they were billed, by kind of function.
import { z } from 'zod';
import { ledgerEntrySchema, type LedgerEntry } from '../../src/protocol/ledger-entry.ts';
import { topics } from '../../src/protocol/topics.ts';
import type { Bus } from '../../src/ports/bus.ts';

const usageSchema = z.object({ entries: z.array(ledgerEntrySchema) });
const CALL = { timeoutMs: 30_000 };

/** Reads on from where it was. */
export interface LedgerReader {
  /** Entries since the last call. */
  readNew(): Promise<readonly LedgerEntry[]>;
}

/** Makes a reader at the beginning of the ledger. */
export const createLedgerReader = (bus: Bus): LedgerReader => {
  let from = 0;
  return {
    readNew: async () => {
      const entries: LedgerEntry[] = [];
      for (;;) {
        const messages = await bus.readStream(topics.usage.name, 0, from, 500, CALL);
        const last = messages.at(-1);
        if (last === undefined) return entries;
        for (const { body } of messages) entries.push(...usageSchema.parse(JSON.parse(body)).entries);
        from = last.position + 1;
      }
    },
  };
};
