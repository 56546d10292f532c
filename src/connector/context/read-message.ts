// Parses a message at a reader's edge: what it says, that it is newer than this release, or that it is nothing we know (rule 7).
import type { ZodType } from 'zod';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { isSealed } from '../../protocol/sealed.ts';
import { topics } from '../../protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { IncomingMessage } from '../../ports/bus.ts';
import type { ConnectorContext } from './context.ts';

/** What a body says. */
export type Read<T> =
  | { readonly kind: 'message'; readonly message: T }
  | { readonly kind: 'newer' }
  | { readonly kind: 'invalid'; readonly error: StarquakeError };

const invalid = (why: string, cause?: unknown): { readonly kind: 'invalid'; readonly error: StarquakeError } => ({
  kind: 'invalid',
  error: new StarquakeError('MESSAGE_INVALID', `A message cannot be parsed: ${why}`, { cause }),
});

/** Of what is said about a message that cannot be parsed. */
const MESSAGE_CHARACTERS = 8000;

const readVersion = (value: unknown): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, 'v') : undefined);

/** Parses JSON text with the schema of what a topic carries. */
export const readMessage = <T>(body: string, schema: ZodType<T>): Read<T> => {
  // Without keys it is as unreadable as what a newer release writes, and as little to be lost.
  if (isSealed(body)) return { kind: 'newer' };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return invalid('it is no JSON.', error);
  }
  const version = readVersion(value);
  if (typeof version === 'number' && version > PROTOCOL_VERSION) return { kind: 'newer' };
  const parsed = schema.safeParse(value);
  return parsed.success
    ? { kind: 'message', message: parsed.data }
    : invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '), parsed.error);
};

/** What is said of a message that is left to another connector: a newer one, or one that has keys (rule 7). */
export const describeNewer = ({ topic, partition, id, body }: IncomingMessage): StarquakeError => {
  const which = `is on "${topic}" (partition ${partition}, id "${id}"); this connector has given up its subscription.`;
  return isSealed(body)
    ? new StarquakeError('KEYS_MISSING', `A sealed message ${which}`)
    : new StarquakeError('UPGRADE_ME', `A message of a newer version ${which}`);
};

/** Moves what cannot be parsed to `dead-letters`, with its error. @returns whether it is there */
export const bury = async (
  { ports, calls, settings, payloads }: ConnectorContext,
  incoming: IncomingMessage,
  error: StarquakeError,
): Promise<boolean> => {
  const { topic, partition, position, key, id, body } = incoming;
  ports.report(error, `reading ${topic}`);
  const { code } = error;
  const place = {
    v: settings.writeVersion,
    topic,
    partition,
    position,
    key,
    id,
    code,
    message: error.message.slice(0, MESSAGE_CHARACTERS),
  };
  const letter = { topic: topics.deadLetters.name, key, id: `dead/${topic}/${partition}/${position}` };
  const buried = await calls.untilDone('publishing a dead letter', settings.callTimeoutMs * 2, async (again) => {
    // A large body travels by its name, like every value: as it came it might be too large for a message (rule 20).
    const stored = await payloads.store(key, { json: body });
    const content = JSON.stringify({ ...place, ...('link' in stored ? stored : { body }) });
    await ports.bus.publish([{ ...letter, body: content, again }], { timeoutMs: settings.callTimeoutMs });
    return true;
  });
  return buried ?? false;
};
