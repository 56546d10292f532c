// The app whose engine is killed: `booking-sequential`, and runs that need retries, timers, signals and a saga; every attempt is noted in a file.
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { app, job, NotRetryableError, signal, workflow, type AttemptContext } from 'starquake';
import booking from '../../workflows/booking-sequential/app.ts';
import type { Note } from './kill-notes.ts';

/** Short, so that an attempt whose process was killed is soon given up. */
const timeout = '1s';

const note = ({ runId, job: name, number, idempotencyKey }: AttemptContext): void => {
  const noted: Note = { run: runId, job: name, number, key: idempotencyKey, at: Date.now(), process: process.pid };
  appendFileSync(process.env['STARQUAKE_NOTES'] ?? '', `${JSON.stringify(noted)}\n`);
};

/** The jobs of `booking-sequential`, noted, and long enough to be killed in the middle. */
const bookingJobs = booking.jobs.map((known) =>
  job({
    name: known.name,
    timeout,
    async run(input: unknown, attempt): Promise<unknown> {
      note(attempt);
      await pause(3);
      return Reflect.apply(known.run, known, [input, attempt]);
    },
  }),
);

const flaky = job({
  name: 'flaky',
  timeout,
  retry: { maxAttempts: 10, firstDelay: '100ms', factor: 1.5 },
  run(failures: number, attempt) {
    note(attempt);
    if (attempt.number <= failures) throw new Error(`attempt ${attempt.number} fails`);
    return `held after ${attempt.number}`;
  },
});

const retrying = workflow({
  name: 'retrying',
  async run(failures: number, flow) {
    return [await flow.run(flaky, failures), await flow.run(flaky, 1)];
  },
});

/** Sleeps thrice; tells whether it was ever woken early. */
const sleeping = workflow({
  name: 'sleeping',
  async run(ms: number, flow) {
    let wokenEarly = false;
    for (let i = 1; i <= 3; i++) {
      const due = flow.now() + ms * i;
      await flow.sleepUntil(due);
      wokenEarly ||= flow.now() < due;
    }
    return { slept: 3, wokenEarly };
  },
});

const word = signal<string>('word');

const listening = workflow({
  name: 'listening',
  async run(count: number, flow) {
    const heard: string[] = [];
    while (heard.length < count) heard.push(await flow.receive(word));
    return heard;
  },
});

const pay = job({
  name: 'take-payment',
  timeout,
  run: (order: string, attempt) => {
    note(attempt);
    return { receipt: `receipt of ${order}` };
  },
});
const refund = job({
  name: 'refund-payment',
  timeout,
  run: ({ receipt }: { readonly receipt: string }, attempt) => {
    note(attempt);
    return receipt;
  },
});
const deliver = job({
  name: 'deliver',
  timeout,
  run: (order: string, attempt): string => {
    note(attempt);
    throw new NotRetryableError(`${order} is sold out`);
  },
});

/** Pays, fails to deliver, is paid back. */
const saga = workflow({
  name: 'saga',
  async run(order: string, flow) {
    await flow.run(pay, order, { compensate: (paid) => flow.run(refund, paid) });
    return flow.run(deliver, order);
  },
});

export default app({
  name: 'kill',
  workflows: [...booking.workflows, retrying, sleeping, listening, saga],
  jobs: [...bookingJobs, flaky, pay, refund, deliver],
});
