// Sends a request to its run and waits for what became of it: every request ends as an event, its own or a refusal.
import { isErrorCode } from '../protocol/errors.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { identifyMessage } from '../protocol/message-ids.ts';
import type { InboxMessage } from '../protocol/messages.ts';
import { topics } from '../protocol/topics.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { RequestAnswer, RunRow } from '../query/run-row.ts';
import type { ApiContext } from './api-context.ts';

const CALL = { timeoutMs: 30_000 };

type RequestOf<M> = M extends { requestId: string } ? Omit<M, 'v'> : never;
/** An inbox message that a caller asks for, its version left to the desk. */
export type InboxRequest = RequestOf<InboxMessage>;

/** Publishes a message on `inbox`. @throws STORE_FAILED */
export const publishToInbox = async ({ ports }: ApiContext, message: InboxMessage): Promise<void> => {
  await ports.bus.publish(
    [{ topic: topics.inbox.name, key: message.run, id: identifyMessage(message), body: JSON.stringify(message) }],
    CALL,
  );
};

/**
 * Asks for something and waits until it has happened.
 *
 * @returns the row of the run as it stands then
 * @throws REQUEST_TIMED_OUT if the outcome was not seen in time; the code of the refusal if it was refused
 */
export const request = async (context: ApiContext, message: InboxRequest): Promise<RunRow> => {
  const { projection, requestTimeoutMs } = context;
  await publishToInbox(context, { v: PROTOCOL_VERSION, ...message });
  settle(message.run, await projection.awaitRequest(message.run, message.requestId, { timeoutMs: requestTimeoutMs }), requestTimeoutMs);
  const row = projection.find(message.run);
  if (row === undefined) throw new StarquakeError('RUN_UNKNOWN', `No run "${message.run}" is known.`);
  return row;
};

/** Throws unless the request was accepted. */
export const settle = (run: string, answer: RequestAnswer | undefined, timeoutMs: number): void => {
  if (answer === undefined)
    throw new StarquakeError('REQUEST_TIMED_OUT', `What became of the request to the run "${run}" was not seen within ${timeoutMs} ms.`);
  if (answer.kind === 'refused') throw new StarquakeError(isErrorCode(answer.code) ? answer.code : 'REQUEST_INVALID', answer.message);
};
