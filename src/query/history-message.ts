// What travels on `history`, read at the edge: CloudEvents that carry a commit, a refusal, or the news that an attempt takes long.
import { z } from 'zod';
import { commitSchema } from '../protocol/commit.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';

export const refusalSchema = z.object({ run: z.string(), requestId: z.string(), code: z.string(), message: z.string() });
/** A request that was refused where no commit can be made: the run is archived, or closed for good. */
export interface Refusal extends z.infer<typeof refusalSchema> {
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

export const attemptRunningSchema = z.object({ run: z.string(), job: z.int(), generation: z.int(), number: z.int(), since: z.number() });
/** The notice that an attempt has been running for a while. */
export type AttemptRunning = z.infer<typeof attemptRunningSchema>;

const cloudEvent = <T extends string, S extends z.ZodType>(type: T, data: S) =>
  z.object({ specversion: z.literal('1.0'), type: z.literal(type), time: z.string().exactOptional(), data });

const historyMessageSchema = z.discriminatedUnion('type', [
  cloudEvent('starquake.commit', commitSchema),
  cloudEvent('starquake.refusal', refusalSchema),
  cloudEvent('starquake.attempt-running', attemptRunningSchema),
]);
/** A message on `history`. */
export type HistoryMessage = z.infer<typeof historyMessageSchema>;

const versionSchema = z.object({ data: z.object({ v: z.int() }) });

/**
 * Reads the body of a message on `history`.
 *
 * @throws UPGRADE_ME if it is of a newer version than this process knows; MESSAGE_INVALID
 */
export const parseHistoryMessage = (body: string): HistoryMessage => {
  const json = parseJson(body);
  // A newer one may parse and mean something else: its version is looked at first (rule 7).
  const version = versionSchema.safeParse(json).data?.data.v ?? 0;
  if (version > PROTOCOL_VERSION)
    throw new StarquakeError('UPGRADE_ME', `A commit of version ${version} was met; this process knows up to ${PROTOCOL_VERSION}.`);
  const parsed = historyMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new StarquakeError('MESSAGE_INVALID', `A message on "history" cannot be parsed: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new StarquakeError('MESSAGE_INVALID', 'A message is not JSON.', { cause: error });
  }
};
