// The JSON texts that travel on Pulsar's WebSocket connections.
import { z } from 'zod';
import type { IncomingMessage, OutgoingMessage } from '../../ports/bus.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { numberPlace, parseMessageId } from '../pulsar-admin/message-position.ts';
import { readBody } from '../pulsar/read-body.ts';

/** A message that came, with the name by which the connection knows it. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly position: number;
  readonly redeliveries: number;
  /** When it was published, in milliseconds since the epoch, by the clock of whoever did; not a number where nobody says. */
  readonly publishedAt: number;
  readonly content: Pick<IncomingMessage, 'key' | 'id' | 'body' | 'again'>;
}

/** The answer to one message that was published. */
export interface PublishAnswer {
  /** Which one, as given when it was sent; undefined where Pulsar could not tell. */
  readonly context: string | undefined;
  /** Why it was not stored; undefined when it was. */
  readonly failure: string | undefined;
}

const receivedSchema = z.object({
  messageId: z.string(),
  payload: z.string(),
  properties: z.record(z.string(), z.string()).nullish(),
  key: z.string().nullish(),
  redeliveryCount: z.int().nullish(),
  publishTime: z.string().nullish(),
});

const answerSchema = z.object({ result: z.string(), context: z.string().nullish(), errorMsg: z.string().nullish() });

const parseFrame = <T>(schema: z.ZodType<T>, text: string, what: string): T => {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new StarquakeError('STORE_FAILED', `Pulsar sent ${what} that cannot be read: ${text.slice(0, 200)}`, { cause: error });
  }
};

/** A message to publish. */
export const writeMessageFrame = (message: OutgoingMessage, again: boolean, context: string): string =>
  JSON.stringify({
    payload: Buffer.from(message.body, 'utf8').toString('base64'),
    properties: { id: message.id, ...(again && { again: '1' }) },
    key: message.key,
    context,
    ...(message.deliverAt !== undefined && { deliverAt: message.deliverAt }),
  });

/** Reads the answer to a published message. @throws STORE_FAILED */
export const readAnswerFrame = (text: string): PublishAnswer => {
  const { result, context, errorMsg } = parseFrame(answerSchema, text, 'an answer');
  return { context: context ?? undefined, failure: result === 'ok' ? undefined : (errorMsg ?? result) };
};

/** Reads a message. What was published by others may lack an id; it is named by its place then. @throws STORE_FAILED */
export const readMessageFrame = (text: string): ReceivedMessage => {
  const { messageId, payload, properties, key, redeliveryCount, publishTime } = parseFrame(receivedSchema, text, 'a message');
  const position = numberPlace(parseMessageId(Buffer.from(messageId, 'base64')));
  return {
    messageId,
    position,
    redeliveries: redeliveryCount ?? 0,
    publishedAt: Date.parse(publishTime ?? ''),
    content: {
      key: key ?? '',
      id: properties?.['id'] ?? String(position),
      body: readBody(Buffer.from(payload, 'base64')),
      again: properties?.['again'] === '1',
    },
  };
};

/** Acks one message. */
export const writeAckFrame = (messageId: string): string => JSON.stringify({ messageId });

/** Gives one message back. */
export const writeReleaseFrame = (messageId: string): string => JSON.stringify({ type: 'negativeAcknowledge', messageId });

/** Asks for so many messages more. */
export const writePermitFrame = (permitMessages: number): string => JSON.stringify({ type: 'permit', permitMessages });
