// The app of the golden histories. It is frozen: a change here would change what old histories are replayed by.
import { app, cron, job, next, schedule, signal, workflow } from 'starquake';

interface Trip {
  readonly to: string;
  readonly price: number;
}

const approved = signal<{ readonly by: string }>('approved');
const again = signal('again');

const pay = job({ name: 'pay', run: async (trip: Trip) => ({ receipt: `for ${trip.to}`, amount: trip.price }) });
const refund = job({ name: 'refund', run: async (payment: { readonly amount: number }) => payment.amount });
const book = job({ name: 'book', retry: { maxAttempts: 1 }, run: async (what: string) => `${what} booked` });
const tell = job({ name: 'tell', totalTimeout: '1h', run: async (text: string) => text });

const booking = workflow({
  name: 'booking',
  async run(trip: Trip, flow) {
    flow.tag({ to: trip.to });
    flow.status('paying');
    const payment = await flow.run(pay, trip);
    const [flight, hotel] = await Promise.all([flow.run(book, 'flight'), flow.run(book, 'hotel')]);
    await flow.sleepUntil(next('monday', '09:00', 'Europe/Paris'));
    await flow.sleepUntil(cron('0 12 * * *', 'UTC'));
    await flow.run(tell, `${flight}, ${hotel}`);
    return { payment, uuid: flow.uuid(), random: flow.random(), at: new Date(flow.now()).toISOString() };
  },
});

const saga = workflow({
  name: 'saga',
  async run(trip: Trip, flow) {
    await flow.run(pay, trip, { compensate: (paid) => flow.run(refund, paid) });
    flow.compensate(() => flow.run(tell, 'sorry'));
    await flow.run(book, 'hotel');
  },
});

const cancelled = workflow({
  name: 'cancelled',
  async run(trip: Trip, flow) {
    await flow.run(pay, trip, { compensate: (paid) => flow.run(refund, paid) });
    try {
      await flow.receive(approved, { timeout: '3 days' });
    } finally {
      await flow.run(tell, 'the end');
    }
  },
});

const race = workflow({
  name: 'race',
  async run(_input: unknown, flow) {
    const [job1, timer, word] = [flow.run(pay, { to: 'Rome', price: 1 }), flow.sleep('1h'), flow.receive(approved)];
    const first = await Promise.race([job1.then(() => 'job'), timer.then(() => 'timer'), word.then(({ by }) => by)]);
    for (const loser of [job1, timer, word]) loser.cancel();
    const settled = await Promise.allSettled([job1, timer, word]);
    return [first, ...settled.map(({ status }) => status)];
  },
});

const child = workflow({ name: 'child', run: async (by: string, flow) => `${by} was told by ${(await flow.receive(approved)).by}` });

const children = workflow({
  name: 'children',
  async run(_input: unknown, flow) {
    const detached = flow.start(child, 'the free one', { tags: { kind: 'detached' } });
    const unwanted = flow.start(child, 'nobody');
    const attached = await flow.run(child, 'the kept one', { runId: 'golden-child' });
    unwanted.cancel();
    return [attached, await detached.result()];
  },
});

const rounds = workflow({
  name: 'rounds',
  async run(round: number, flow): Promise<unknown> {
    if (round === 3) return [flow.uuid(), await flow.receive(approved)];
    void flow.run(tell, `round ${round}`).catch(() => undefined);
    await flow.receive(again);
    return flow.continueAs(round + 1);
  },
});

const retried = workflow({
  name: 'retried',
  async run(_input: unknown, flow) {
    if (flow.changed('tell-first')) await flow.run(tell, 'first');
    return Promise.all([flow.run(book, 'flight'), flow.run(pay, { to: 'Rome', price: 2 })]);
  },
});

const chime = workflow({ name: 'chime', run: (text: string, flow) => flow.run(tell, text) });

export const golden = app({
  name: 'golden',
  workflows: [booking, saga, cancelled, race, child, children, rounds, retried, chime],
  jobs: [pay, refund, book, tell],
  schedules: [schedule({ name: 'hourly', cron: '0 * * * *', zone: 'Europe/Paris', workflow: chime, input: 'ding', overlap: 'queue' })],
});

export default golden;
