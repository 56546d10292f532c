// Workflows about the code itself: determinism, changes, sizes, what cannot be written, and what ends a run.
import { signal, workflow } from 'starquake';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { undoWork, work } from '../desk/jobs.ts';

const word = signal<string>('word');

const positive: StandardSchemaV1<unknown, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'number' && value > 0 ? { value } : { issues: [{ message: 'must be above 0', path: ['amount'] }] },
  },
};

/** Tells all that could differ from replay to replay. */
export const chance = workflow({
  name: 'chance',
  async run(_input: unknown, flow) {
    const look = () => ({
      now: flow.now(),
      date: Date.now(),
      iso: new Date().toISOString(),
      uuid: flow.uuid(),
      random: flow.random(),
      math: Math.random(),
      crypto: crypto.randomUUID(),
    });
    const before = look();
    await flow.receive(word);
    return [before, look()];
  },
});

/** Draws in each of two beginnings. */
export const draws = workflow({
  name: 'draws',
  async run(before: string, flow): Promise<string[]> {
    if (before !== '') return [before, flow.uuid()];
    return flow.continueAs(flow.uuid());
  },
});

/** As it was before a change. */
export const unchanged = workflow({
  name: 'unchanged',
  async run(_input: unknown, flow) {
    await flow.receive(word);
    await flow.run(work, 'as before');
    return flow.receive(word);
  },
});

/** As it is after: a run that was past the change goes on as before. */
export const changed = workflow({
  name: 'changed',
  async run(_input: unknown, flow) {
    await flow.receive(word);
    if (flow.changed('work-is-undone') && flow.changed('work-is-undone')) await flow.run(undoWork, 'changed');
    else await flow.run(work, 'as before');
    const last = await flow.receive(word);
    return flow.changed('work-is-undone') ? `${last}, changed` : last;
  },
});

/** Asks for more than one decision takes. */
export const many = workflow({
  name: 'many',
  async run(count: number, flow) {
    const tasks = Array.from({ length: count }, (_, index) => flow.run(work, index));
    flow.status('asked');
    return (await Promise.all(tasks)).length;
  },
});

/** Begins anew after more than one decision takes. */
export const manyThenAnew = workflow({
  name: 'many-then-anew',
  async run(count: number, flow): Promise<string> {
    if (count === 0) return flow.receive(word);
    for (let index = 0; index < count; index++) flow.status(index);
    return flow.continueAs(0);
  },
});

/** Asks for values as large as its input says. */
export const large = workflow({
  name: 'large',
  async run({ count, letters }: { readonly count: number; readonly letters: number }, flow) {
    await Promise.all(Array.from({ length: count }, (_, index) => flow.run(work, `${index} ${'x'.repeat(letters)}`)));
  },
});

/** Hands on values that JSON cannot carry. */
export const unwritable = workflow({
  name: 'unwritable',
  async run(what: 'circle' | 'bigint' | 'function', flow) {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const values = { circle, bigint: 1n, function: () => 0 };
    return flow.run(work, values[what]);
  },
});

/** Changes an object after it was handed on. */
export const fickle = workflow({
  name: 'fickle',
  async run(_input: unknown, flow) {
    const input = { amount: 1 };
    const task = flow.run(work, input);
    input.amount = 2;
    return task;
  },
});

/** Throws what its input says. */
export const thrower = workflow({
  name: 'thrower',
  async run(what: 'error' | 'text' | 'nothing' | 'coded') {
    const things = {
      error: new TypeError('wrong'),
      text: 'just a text',
      nothing: undefined,
      coded: Object.assign(new Error('full'), { code: 'HOTEL_FULL' }),
    };
    throw things[what] as Error;
  },
});

export const strict = workflow({
  name: 'strict',
  input: positive,
  output: positive,
  run: async (amount: number) => amount - 1,
});

/** Does what is not deterministic. */
export const forbidden = workflow({
  name: 'forbidden',
  async run() {
    return setTimeout(() => undefined, 5);
  },
});

/** Asks for a job that its app does not list. */
export const says = workflow({
  name: 'says',
  async run(_input: unknown, flow) {
    flow.status({ step: 1 });
    flow.tag({ a: '1' });
    flow.tag({ b: '2' });
    flow.status('done');
    return flow.runId;
  },
});
