// Reads a stretch of one partition without a subscription, up to the end that it has when the reading begins.
import type { IncomingMessage } from '../../ports/bus.ts';
import { describeLate, describeUnreachable } from '../pulsar-admin/bus-failures.ts';
import { findPlace, writeMessageId } from '../pulsar-admin/message-position.ts';
import { readMessageFrame, writeAckFrame } from './frames.ts';
import type { LinkContext } from './link.ts';
import { openSocket, type Socket } from './open-socket.ts';
import type { PartitionAddress, Stretch } from '../pulsar/transport.ts';
import { makePath } from './topic-paths.ts';

/** The most that Pulsar's WebSocket service sends without being answered. */
const LARGEST_QUEUE = 1000;
const MORE_THAN_ENOUGH = 50;

/** Where to begin: a reader starts behind the message that it is given. */
const findStart = (from: number): string => {
  if (from === 0) return 'earliest';
  const { ledger, entry } = findPlace(from);
  return writeMessageId(ledger, entry - 1).toString('base64');
};

/**
 * Reads a stretch.
 *
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED
 */
export const readPartition = async (
  context: LinkContext,
  address: PartitionAddress,
  { from, to, limit }: Stretch,
  timeoutMs: number,
): Promise<readonly IncomingMessage[]> => {
  const { access, clock } = context;
  const doing = `reading ${address.topic}, partition ${address.partition}`;
  const query = { messageId: findStart(from), receiverQueueSize: Math.min(LARGEST_QUEUE, limit + MORE_THAN_ENOUGH) };
  const messages: IncomingMessage[] = [];
  let socket: Socket | undefined;
  let stop: () => void = () => undefined;
  const ending = new AbortController();
  const read = new Promise<void>((resolve, reject) => {
    const cancel = clock.setTimer(clock.now() + timeoutMs, () => reject(describeLate(doing, timeoutMs)));
    stop = () => {
      cancel();
      resolve();
    };
    const take = (text: string): void => {
      const { position, messageId, content } = readMessageFrame(text);
      if (position >= from && position <= to && messages.length < limit)
        messages.push({ ...address, position, ...content, redelivered: false });
      if (position >= to || messages.length >= limit) stop();
      else socket?.send(writeAckFrame(messageId));
    };
    const onText = (text: string): void => {
      try {
        take(text);
      } catch (error) {
        reject(error instanceof Error ? error : describeUnreachable(doing, access.webUrl, error));
      }
    };
    const path = makePath('reader', access, address, query);
    openSocket({ access, clock, path, doing, signal: ending.signal, onText }, timeoutMs).then(async (opened) => {
      socket = opened;
      const code = await opened.closed;
      reject(describeUnreachable(doing, access.webUrl, `the connection was closed (${code})`));
    }, reject);
  });
  try {
    await read;
  } finally {
    stop();
    ending.abort();
    void socket?.close();
  }
  return messages;
};
