// Puts large values of a message into the payload store: what others publish inline must not come to commits that no message holds (rule 20).
import type { InboxMessage } from '../../protocol/messages.ts';
import type { PayloadAccess } from './payload-access.ts';

/** The message with its value as it may travel. @throws STORE_FAILED, CALL_TIMED_OUT */
export const packMessage = async (payloads: PayloadAccess, message: InboxMessage): Promise<InboxMessage> => {
  switch (message.type) {
    case 'StartRun':
      return { ...message, input: await payloads.store(message.input) };
    case 'Signal':
      return { ...message, value: await payloads.store(message.value) };
    case 'JobSucceeded':
    case 'CompleteJob':
      return { ...message, output: await payloads.store(message.output) };
    case 'ChildClosed':
      return message.output === undefined ? message : { ...message, output: await payloads.store(message.output) };
    default:
      return message;
  }
};
