// How a message lies in the journal.
import type { OutgoingMessage } from '../../../ports/bus.ts';
import type { RecordBuffer } from '../journal/record-buffer.ts';
import type { RecordReader } from '../journal/record-reader.ts';

/** What a message says, however it came into memory. */
export type MessageContent = Pick<OutgoingMessage, 'key' | 'id' | 'body' | 'again'>;

/** Where a message belongs, and who has not acked it yet. */
export interface MessageAddress {
  readonly topic: number;
  readonly partition: number;
  readonly position: number;
  /** 0 when it is not delayed. */
  readonly deliverAt: number;
  /** Subscriptions of the queue that wait for it, a bit each; `EVERY_SUBSCRIPTION` when all that are known do. */
  readonly pendingFor: number;
}

/** What a message is published with: every subscription known by then waits for it. */
export const EVERY_SUBSCRIPTION = 0xffffffff;

export const writeMessageAddress = (payload: RecordBuffer, address: MessageAddress): void => {
  payload.addInteger(address.topic);
  payload.addInteger(address.partition);
  payload.addNumber(address.position);
  payload.addNumber(address.deliverAt);
  payload.addInteger(address.pendingFor);
};

export const writeMessage = (payload: RecordBuffer, address: MessageAddress, message: MessageContent): void => {
  writeMessageAddress(payload, address);
  payload.addByte(message.again === true ? 1 : 0);
  payload.addText(message.key);
  payload.addText(message.id);
  payload.addText(message.body);
};

export const readMessageAddress = (payload: RecordReader): MessageAddress => ({
  topic: payload.takeInteger(),
  partition: payload.takeInteger(),
  position: payload.takeNumber(),
  deliverAt: payload.takeNumber(),
  pendingFor: payload.takeInteger(),
});

/** Reads what follows the address. */
export const readMessageContent = (payload: RecordReader): MessageContent => {
  const again = payload.takeByte() === 1;
  return { again, key: payload.takeText(), id: payload.takeText(), body: payload.takeText() };
};
