// The atomic append of one decision: what a store keeps per version of a run, and what one small read of it tells.
import { z } from 'zod';
import { StarquakeError } from './starquake-error.ts';
import { runEventSchema } from './events.ts';
import { PROTOCOL_VERSION } from './version.ts';

export const RUN_STATUSES = [
  'expected',
  'running',
  'paused',
  'blocked',
  'canceling',
  'failed',
  'completed',
  'canceled',
  'terminated',
  'refused',
  'archived',
] as const;
/** The states of a run. */
export type RunStatus = (typeof RUN_STATUSES)[number];

export const runSummarySchema = z.object({
  version: z.int().nonnegative(),
  status: z.enum(RUN_STATUSES),
  /** Open jobs as a bitmap over event numbers: bit i of `bits` (hex, lowest bit first) is event `base + i`. */
  openJobs: z.object({ base: z.int().nonnegative(), bits: z.string() }),
  /** Generation of every open job that was retried by an administrator. */
  generations: z.record(z.string(), z.int()),
  /** Jobs of lower event numbers get no new attempt: the run was canceled after they were asked for (rule 15). */
  canceledBefore: z.int().exactOptional(),
  /** From which event number on which epoch is, where it ever rose: events before the first are of epoch 0. */
  epochs: z.array(z.tuple([z.int().positive(), z.int().positive()])).exactOptional(),
});

/** What a claim or a state check needs to know of a run, in one small read (rule 12). */
export type RunSummary = z.infer<typeof runSummarySchema>;

export const commitSchema = z.object({
  v: z.int(),
  run: z.string(),
  version: z.int().positive(),
  /** Made before the decision was invoked: an append whose answer was lost knows its own commit by it (rule 1). */
  id: z.string(),
  at: z.number(),
  epoch: z.int().nonnegative(),
  /** Ids of all messages that caused it (rule 3). */
  messages: z.array(z.string()),
  /** Whether workflow code has seen all events up to this commit's. */
  decided: z.boolean(),
  /** The code has asked for more than one commit takes (rule 9). */
  more: z.boolean(),
  /** Due time of the watch entry that this commit puts, if it puts one (rule 17). */
  watchAt: z.number().exactOptional(),
  /** Empty where they are sealed. */
  events: z.array(runEventSchema),
  /** The events as nobody can read them without the key of the run's tenant; they never come so far as the engine. */
  sealed: z.string().exactOptional(),
  summary: runSummarySchema,
});

/** One commit of a run. */
export type Commit = z.infer<typeof commitSchema>;

/**
 * Reads a commit as a store keeps it.
 *
 * @param text - its JSON
 * @throws UPGRADE_ME when a newer release wrote it (rule 7)
 */
export const parseCommit = (text: string): Commit => {
  const value: unknown = JSON.parse(text);
  const version: unknown = Reflect.get(Object(value), 'v');
  if (typeof version === 'number' && version > PROTOCOL_VERSION) {
    throw new StarquakeError('UPGRADE_ME', `A commit of version ${version} was met; this process knows up to ${PROTOCOL_VERSION}.`);
  }
  return commitSchema.parse(value);
};
