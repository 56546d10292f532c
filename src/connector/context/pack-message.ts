// Puts large values of a message into the payload store: what others publish inline must not come to commits that no message holds (rule 20).
import type { InboxMessage } from '../../protocol/messages.ts';
import type { RunEvent } from '../../protocol/events.ts';
import type { PayloadAccess } from './payload-access.ts';

/** The message with its value as it may travel. @throws STORE_FAILED, CALL_TIMED_OUT */
export const packMessage = async (payloads: PayloadAccess, message: InboxMessage): Promise<InboxMessage> => {
  switch (message.type) {
    case 'StartRun':
      return { ...message, input: await payloads.store(message.run, message.input) };
    case 'Signal':
      return { ...message, value: await payloads.store(message.run, message.value) };
    case 'JobSucceeded':
    case 'CompleteJob':
      return { ...message, output: await payloads.store(message.run, message.output) };
    case 'ChildClosed':
      return message.output === undefined ? message : { ...message, output: await payloads.store(message.run, message.output) };
    default:
      return message;
  }
};

/** Unread signals that a new beginning takes over go by their names when all of them together are larger than this. */
const SIGNALS_LIMIT_BYTES = 1_000_000;
const SMALL_SIGNAL_BYTES = 1024;

/** The events of a decision with the signals of a new beginning as they may travel. @throws STORE_FAILED, CALL_TIMED_OUT */
export const packSignals = async (payloads: PayloadAccess, run: string, events: readonly RunEvent[]): Promise<readonly RunEvent[]> => {
  const last = events.at(-1);
  if (last?.type !== 'RunContinued' || Buffer.byteLength(JSON.stringify(last.signals)) <= SIGNALS_LIMIT_BYTES) return events;
  const signals = await Promise.all(
    last.signals.map(async ({ signal, value }) => ({ signal, value: await payloads.store(run, value, SMALL_SIGNAL_BYTES) })),
  );
  return [...events.slice(0, -1), { ...last, signals }];
};
