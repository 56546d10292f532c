// What one invocation cost, and what a run used of the stores: the message on `usage`, which is also the notice that an attempt ended.
import { z } from 'zod';

export const ledgerEntrySchema = z.object({
  v: z.int(),
  /** Names the entry: a repeated publish of it counts once. */
  requestId: z.string(),
  at: z.number(),
  function: z.string(),
  kind: z.enum(['decision', 'job', 'job-retry', 'timer']),
  app: z.string(),
  durationMs: z.number(),
  billedMs: z.number(),
  memoryMb: z.number(),
  initMs: z.number(),
  coldStart: z.boolean(),
  /** `report`: read from the function's report. `estimated`: the report was missing. */
  source: z.enum(['report', 'estimated']),
  outcome: z.enum(['succeeded', 'failed', 'later', 'crashed', 'timedOut', 'decided']),
  /** List price in US dollars, an exact decimal. */
  listCost: z.string(),
  /** Runs that share it; a decision batch serves several. */
  runs: z.array(z.object({ run: z.string(), workflow: z.string() })),
  attempt: z.object({ run: z.string(), job: z.int(), name: z.string(), generation: z.int(), number: z.int() }).exactOptional(),
});
/** One ledger entry. */
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

export const storeEntrySchema = z.object({
  v: z.int(),
  /** Names the entry: a repeated publish of it counts once. */
  id: z.string(),
  at: z.number(),
  /** Empty for what belongs to no run, as looking for timers that are not there. */
  run: z.string(),
  /** Read request units of DynamoDB. */
  readUnits: z.number(),
  /** Write request units of DynamoDB. */
  writeUnits: z.number(),
  /** Requests of S3 that read. */
  gets: z.number(),
  /** Requests of S3 that put. */
  puts: z.number(),
  /** List price in US dollars, an exact decimal. */
  listCost: z.string(),
});
/** What a run used of the stores within a second or so. */
export type StoreEntry = z.infer<typeof storeEntrySchema>;

/** A message on `usage`: invocations, and what was used of stores where they are paid by use. */
export interface UsageMessage {
  readonly v: number;
  readonly entries: readonly LedgerEntry[];
  readonly stores?: readonly StoreEntry[];
}
