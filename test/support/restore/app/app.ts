// An app whose results say where they came from: a service that does each thing once for each key, and journeys that use it, wait and have children.
import { link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { app, job, signal, workflow } from 'starquake';
import { z } from 'zod';

/** Where the service keeps its books, and what it is asked for. */
interface Order {
  /** A folder: one file for each key that was ever used. */
  readonly service: string;
  readonly what: string;
}

/** What the service answers: another number for each key. */
const receiptSchema = z.object({ what: z.string(), receipt: z.string(), key: z.string() });

const ORDER_MS = 200;
const FAILURES = 2;

const word = signal<string>('word');

/** The first who comes with a key has it done; all others are told what was done then. */
const serve = async ({ service, what }: Order, key: string) => {
  const file = join(service, encodeURIComponent(key));
  await mkdir(service, { recursive: true });
  const draft = `${file}.${randomUUID()}.draft`;
  await writeFile(draft, JSON.stringify({ what, receipt: randomUUID(), key }));
  await link(draft, file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  return receiptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
};

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ORDER_MS));

const order = job({
  name: 'order',
  run: async (wanted: Order, { idempotencyKey }) => {
    await pause();
    return serve(wanted, idempotencyKey);
  },
});

const insist = job({
  name: 'insist',
  retry: { maxAttempts: 9, firstDelay: '700ms', factor: 1 },
  run: async (wanted: Order, { idempotencyKey, number }) => {
    if (number <= FAILURES) throw new Error('not yet');
    return serve(wanted, idempotencyKey);
  },
});

/** A part of a journey, made out to what its parent has paid. */
const leg = workflow({
  name: 'leg',
  async run({ service, paid }: { readonly service: string; readonly paid: string }, flow) {
    const first = await flow.run(order, { service, what: 'seat' });
    await flow.sleep('1s');
    const second = await flow.run(order, { service, what: 'meal' });
    return { paid, receipts: [first, second] };
  },
});

const journey = workflow({
  name: 'journey',
  async run({ service }: { readonly service: string }, flow) {
    const paid = await flow.run(order, { service, what: 'payment' });
    // One child has the same input whatever was paid, the other has not.
    const [free, booked] = await Promise.all([flow.run(leg, { service, paid: 'nothing' }), flow.run(leg, { service, paid: paid.receipt })]);
    await flow.sleep('1s');
    const heard = await flow.receive(word);
    const insisted = await flow.run(insist, { service, what: 'visa' });
    return { receipts: [paid, insisted], heard, legs: [free, booked] };
  },
});

export default app({ name: 'journeys', workflows: [journey, leg], jobs: [order, insist] });
