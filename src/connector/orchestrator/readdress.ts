// Large values on their way to a run of another tenant are put once more, for that one: its functions hold no other key.
import { inboxMessageSchema, type InboxMessage } from '../../protocol/messages.ts';
import type { Payload } from '../../protocol/payload.ts';
import { findTenant } from '../../protocol/tenant.ts';
import { topics } from '../../protocol/topics.ts';
import type { Letter, Outbox } from '../../engine/outbox/derivation.ts';
import type { ConnectorContext } from '../context/context.ts';

type Move = (value: Payload) => Promise<Payload>;

const moveValues = async (message: InboxMessage, move: Move): Promise<InboxMessage> => {
  switch (message.type) {
    case 'StartRun':
      return { ...message, input: await move(message.input) };
    case 'Signal':
      return { ...message, value: await move(message.value) };
    case 'ChildClosed':
      return message.output === undefined ? message : { ...message, output: await move(message.output) };
    default:
      return message;
  }
};

/** The outbox of a run with the values of its letters where their readers can read them. @throws STORE_FAILED, CALL_TIMED_OUT */
export const readdress = async ({ payloads, settings }: ConnectorContext, run: string, outbox: Outbox): Promise<Outbox> => {
  if (!settings.separateTenants) return outbox;
  const readdressOne = async (letter: Letter): Promise<Letter> => {
    if (letter.topic !== topics.inbox.name || findTenant(letter.key) === findTenant(run)) return letter;
    const move: Move = async (value) =>
      'link' in value ? payloads.store(letter.key, { json: JSON.parse(await payloads.read(value.link)) as unknown }) : value;
    return { ...letter, body: JSON.stringify(await moveValues(inboxMessageSchema.parse(JSON.parse(letter.body)), move)) };
  };
  return { ...outbox, letters: await Promise.all(outbox.letters.map(readdressOne)) };
};
