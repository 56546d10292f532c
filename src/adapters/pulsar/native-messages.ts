// Messages between the port and the native client: id and mark travel as properties, positions come from message ids.
import type { IncomingMessage, OutgoingMessage } from '../../ports/bus.ts';
import { numberPlace, parseMessageId } from '../pulsar-admin/message-position.ts';
import type { NativeMessage, NativeMessageId, NativeOutgoing } from './native-client.ts';
import { readBody } from './read-body.ts';
import type { PartitionAddress } from './transport.ts';

/** A message to send. @param again - it may have been stored before */
export const writeNative = (message: OutgoingMessage, again: boolean): NativeOutgoing => ({
  data: Buffer.from(message.body, 'utf8'),
  partitionKey: message.key,
  properties: { id: message.id, ...(again && { again: '1' }) },
  ...(message.deliverAt !== undefined && { deliverAt: message.deliverAt }),
});

/** The position that an id names. @throws STORE_FAILED */
export const findPosition = (id: NativeMessageId): number => numberPlace(parseMessageId(id.serialize()));

/** A message that came. What was published by others may lack an id; it is named by its place then. */
export const readNative = (address: PartitionAddress, message: NativeMessage, position: number, redelivered: boolean): IncomingMessage => {
  const properties = message.getProperties();
  return {
    ...address,
    position,
    key: message.getPartitionKey(),
    id: properties['id'] ?? String(position),
    body: readBody(message.getData()),
    again: properties['again'] === '1',
    redelivered,
  };
};
