// Proves that a workflow is checked end to end: a wrong input or a misread output does not compile.
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { app, cron, job, next, schedule, signal, workflow, type ChildHandle, type Flow, type Task, type Workflow } from 'starquake';

interface Trip {
  readonly to: string;
  readonly price: number;
}
interface Payment {
  readonly receipt: string;
}

const pay = job({ name: 'pay', run: async (_trip: Trip): Promise<Payment> => ({ receipt: 'r' }) });
const refund = job({ name: 'refund', run: async (payment: Payment) => payment.receipt });
const tick = job({ name: 'tick', run: async () => undefined });
const price = job({ name: 'price', run: async (to: string) => to.length });
const approved = signal<{ readonly by: string }>('approved');
const stopped = signal('stopped');
const pays = workflow({ name: 'pays', run: async (trip: Trip, flow) => flow.run(pay, trip) });
const trip: Trip = { to: 'Rome', price: 7 };

/** What follows is compiled, and never run. */
type Body = (flow: Flow<Trip>) => unknown;
const bodies: Body[] = [];
const compiles = (body: Body): boolean => bodies.push(body) > 0;

describe('flow.run of a job', () => {
  it('answers what the job answers', () => {
    expect(
      compiles((flow) => {
        expectTypeOf(flow.run(pay, trip)).toEqualTypeOf<Task<Payment>>();
        expectTypeOf(Promise.all([flow.run(pay, trip), flow.run(price, 'Rome')])).toEqualTypeOf<Promise<[Payment, number]>>();
      }),
    ).toBe(true);
  });

  it('takes what the job takes, and nothing else', () => {
    expect(
      compiles((flow) => {
        void flow.run(tick);
        // @ts-expect-error -- a trip is missing
        void flow.run(pay);
        // @ts-expect-error -- a number is no trip
        void flow.run(pay, 7);
        // @ts-expect-error -- a trip without a price
        void flow.run(pay, { to: 'Rome' });
        // @ts-expect-error -- a price in words
        void flow.run(pay, { to: 'Rome', price: '7' });
      }),
    ).toBe(true);
  });

  it('does not let its answer be misread', () => {
    expect(
      compiles(async (flow) => {
        const payment = await flow.run(pay, trip);
        expectTypeOf(payment.receipt).toEqualTypeOf<string>();
        // @ts-expect-error -- a payment has no amount
        void payment.amount;
        // @ts-expect-error -- a receipt is a text
        const receipt: number = payment.receipt;
        void receipt;
        // @ts-expect-error -- a task is no payment before it is awaited
        void flow.run(pay, trip).receipt;
      }),
    ).toBe(true);
  });

  it('undoes it with what it answered', () => {
    expect(
      compiles((flow) => {
        void flow.run(pay, trip, { compensate: (paid) => flow.run(refund, paid) });
        // @ts-expect-error -- a payment cannot be priced
        void flow.run(pay, trip, { compensate: (paid) => flow.run(price, paid) });
        // @ts-expect-error -- an option that there is not
        void flow.run(pay, trip, { undo: () => 0 });
      }),
    ).toBe(true);
  });
});

describe('flow.run and flow.start of a workflow', () => {
  it('answer what the workflow answers', () => {
    expect(
      compiles((flow) => {
        expectTypeOf(flow.run(pays, trip)).toEqualTypeOf<Task<Payment>>();
        expectTypeOf(flow.start(pays, trip)).toEqualTypeOf<ChildHandle<Payment>>();
        expectTypeOf(flow.start(pays, trip).result()).toEqualTypeOf<Task<Payment>>();
      }),
    ).toBe(true);
  });

  it('take what the workflow takes, and nothing else', () => {
    expect(
      compiles((flow) => {
        // @ts-expect-error -- a trip is missing
        flow.start(pays);
        // @ts-expect-error -- a text is no trip
        flow.start(pays, 'Rome');
        // @ts-expect-error -- a job cannot be started as a child
        flow.start(pay, trip);
        // @ts-expect-error -- a detached child has no output to undo by
        flow.start(pays, trip, { compensate: () => 0 });
      }),
    ).toBe(true);
  });
});

describe('flow.receive', () => {
  it('answers what the signal carries, and undefined only where there is a timeout', () => {
    expect(
      compiles((flow) => {
        expectTypeOf(flow.receive(approved)).toEqualTypeOf<Task<{ readonly by: string }>>();
        expectTypeOf(flow.receive(approved, { timeout: '3 days' })).toEqualTypeOf<Task<{ readonly by: string } | undefined>>();
        expectTypeOf(flow.receive(stopped)).toEqualTypeOf<Task<void>>();
        // @ts-expect-error -- a name is no signal
        void flow.receive('approved');
      }),
    ).toBe(true);
  });

  it('of a signal with a schema answers what the schema makes', () => {
    expect(
      compiles((flow) => {
        const checked = signal('checked', {} as StandardSchemaV1<unknown, Date>);
        expectTypeOf(flow.receive(checked)).toEqualTypeOf<Task<Date>>();
      }),
    ).toBe(true);
  });
});

describe('waiting', () => {
  it('takes durations, instants and rules, and nothing else', () => {
    expect(
      compiles((flow) => {
        void flow.sleep('3 days');
        void flow.sleep(500);
        void flow.sleepUntil(next('monday', '09:00', 'Europe/Paris'));
        void flow.sleepUntil(cron('0 9 * * 1', 'UTC'));
        void flow.sleepUntil(new Date(0));
        // @ts-expect-error -- a unit that there is not
        void flow.sleep('3 moons');
        // @ts-expect-error -- a duration is no instant
        void flow.sleepUntil('3 days');
        // @ts-expect-error -- a day that there is not
        next('someday', '09:00', 'UTC');
      }),
    ).toBe(true);
  });
});

describe('continueAs', () => {
  it('takes the input of its own workflow, and never answers', () => {
    expect(
      compiles((flow) => {
        expectTypeOf(flow.continueAs(trip)).toEqualTypeOf<Promise<never>>();
        // @ts-expect-error -- a number is no trip
        void flow.continueAs(7);
      }),
    ).toBe(true);
    const counts = workflow({
      name: 'counts',
      run: async (left: number, flow): Promise<string> => (left === 0 ? 'done' : flow.continueAs(left - 1)),
    });
    expectTypeOf(counts).toEqualTypeOf<Workflow<number, string>>();
  });
});

describe('what is asked of the flow itself', () => {
  it('has the types of its values', () => {
    expect(
      compiles((flow) => {
        expectTypeOf([flow.now(), flow.random()]).toEqualTypeOf<number[]>();
        expectTypeOf([flow.uuid(), flow.runId]).toEqualTypeOf<string[]>();
        expectTypeOf(flow.changed('id')).toEqualTypeOf<boolean>();
        // @ts-expect-error -- tags are texts
        flow.tag({ price: 7 });
      }),
    ).toBe(true);
  });
});

describe('a workflow', () => {
  it('has the input and the output of its code', () => {
    expectTypeOf(pays).toEqualTypeOf<Workflow<Trip, Payment>>();
  });

  it('must agree with its schemas', () => {
    expect(
      compiles(() => {
        const trips = {} as StandardSchemaV1<unknown, Trip>;
        expectTypeOf(workflow({ name: 'a', input: trips, run: async ({ price: amount }) => amount })).toEqualTypeOf<
          Workflow<Trip, number>
        >();
        // @ts-expect-error -- the code takes a number, its schema gives trips
        workflow({ name: 'a', input: trips, run: async (amount: number) => amount });
        // @ts-expect-error -- the code answers a text, its schema wants trips
        workflow({ name: 'a', output: trips, run: async () => 'Rome' });
        // @ts-expect-error -- code that answers at once is no workflow
        workflow({ name: 'a', run: (amount: number) => amount });
      }),
    ).toBe(true);
  });
});

describe('an app', () => {
  it('takes workflows, jobs and schedules, each in its place', () => {
    expect(
      compiles(() => {
        app({
          name: 'a',
          workflows: [pays],
          jobs: [pay, refund, tick],
          schedules: [schedule({ name: 's', cron: '0 9 * * *', zone: 'UTC', workflow: pays, input: trip })],
        });
        // @ts-expect-error -- a job is no workflow
        app({ name: 'a', workflows: [pay] });
        // @ts-expect-error -- a workflow is no job
        app({ name: 'a', workflows: [pays], jobs: [pays] });
      }),
    ).toBe(true);
  });

  it('gives the workflow of a schedule the input that it takes', () => {
    expect(
      compiles(() => {
        // @ts-expect-error -- a text is no trip
        schedule({ name: 's', cron: '0 9 * * *', zone: 'UTC', workflow: pays, input: 'Rome' });
        // @ts-expect-error -- an overlap that there is not
        schedule({ name: 's', cron: '0 9 * * *', zone: 'UTC', workflow: pays, input: trip, overlap: 'sometimes' });
      }),
    ).toBe(true);
  });
});
