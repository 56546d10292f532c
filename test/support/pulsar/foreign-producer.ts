// Publishes as a program would that knows Pulsar but not Starquake: any bytes, with or without a key, properties and an id.
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { BusPlace } from './open-bus.ts';

/** What is published. */
export interface ForeignMessage {
  readonly bytes: Uint8Array | string;
  readonly key?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

const answerSchema = z.object({ result: z.string(), errorMsg: z.string().exactOptional() });

/** Publishes messages on one partition, one after another. */
export const publishForeign = async (
  { webUrl, tenant, namespace }: BusPlace,
  topic: string,
  partition: number,
  messages: readonly ForeignMessage[],
): Promise<void> => {
  const url = `${webUrl.replace(/^http/, 'ws')}/ws/v2/producer/persistent/${tenant}/${namespace}/${topic}-partition-${partition}`;
  const socket = new WebSocket(url);
  await new Promise((done, reject) => socket.once('open', done).once('error', reject));
  for (const { bytes, key, properties } of messages) {
    const answered = new Promise<string>((done, reject) => {
      socket.once('message', (data: Buffer) => done(data.toString('utf8'))).once('close', () => reject(new Error('closed')));
    });
    const payload = Buffer.from(bytes).toString('base64');
    socket.send(JSON.stringify({ payload, ...(key !== undefined && { key }), ...(properties && { properties }) }));
    const { result, errorMsg } = answerSchema.parse(JSON.parse(await answered));
    if (result !== 'ok') throw new Error(`It was not taken: ${errorMsg ?? result}`);
  }
  socket.close();
};
