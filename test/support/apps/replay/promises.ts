// Workflows that use promises in every way that plain code does.
import { signal, workflow } from 'starquake';
import { work } from '../desk/jobs.ts';

export const word = signal<string>('word');
const text = (output: unknown): string => String(output);

export const all = workflow({
  name: 'all',
  run: async (names: readonly string[], flow) => (await Promise.all(names.map((name) => flow.run(work, name)))).map(text),
});

export const race = workflow({
  name: 'race',
  async run(_input: unknown, flow) {
    const slow = flow.sleep('1h');
    const job = flow.run(work, 'quick');
    const first = await Promise.race([slow.then(() => 'slept'), job.then(() => 'worked')]);
    slow.cancel();
    job.cancel();
    return first;
  },
});

export const any = workflow({
  name: 'any',
  async run(names: readonly string[], flow) {
    try {
      return text(await Promise.any(names.map((name) => flow.run(work, name))));
    } catch (error) {
      return error instanceof AggregateError
        ? error.errors.map((each: unknown) => (each instanceof Error ? each.message : ''))
        : 'something else';
    }
  },
});

export const allSettled = workflow({
  name: 'all-settled',
  run: async (names: readonly string[], flow) =>
    (await Promise.allSettled(names.map((name) => flow.run(work, name)))).map(({ status }) => status),
});

/** Settles all, then throws the first failure: much later than it came. */
export const settleThenThrow = workflow({
  name: 'settle-then-throw',
  async run(names: readonly string[], flow) {
    const settled = await Promise.allSettled(names.map((name) => flow.run(work, name)));
    const failed = settled.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return settled.length;
  },
});

export const tryAll = workflow({
  name: 'try-all',
  async run(_input: unknown, flow) {
    const log: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      try {
        log.push(`did ${text(await flow.run(work, name))}`);
        if (name === 'three') return log;
      } catch (error) {
        log.push(`caught ${error instanceof Error ? error.name : ''}`);
        continue;
      } finally {
        flow.status([...log, 'finally']);
      }
    }
    return log;
  },
});

/** Walks down a list that grows while it walks. */
export const loop = workflow({
  name: 'loop',
  async run(first: number, flow) {
    const queue = [first];
    const done: number[] = [];
    while (queue.length > 0) {
      const next = queue.shift() ?? 0;
      await flow.run(work, next);
      done.push(next);
      if (next > 1) queue.push(next - 1);
      if (next === 3) queue.push(0);
    }
    return done;
  },
});

/** Code that goes on beside the main line. */
export const aside = workflow({
  name: 'aside',
  async run(_input: unknown, flow) {
    const heard: string[] = [];
    const listening = (async () => {
      for (let heardWords = 0; heardWords < 2; heardWords++) heard.push(await flow.receive(word));
    })();
    await flow.run(work, 'main');
    heard.push('worked');
    await listening;
    return heard;
  },
});

/** Asks for things that fail, and awaits none of them. */
export const carefree = workflow({
  name: 'carefree',
  async run(_input: unknown, flow) {
    void flow.run(work, 'not awaited');
    void flow.sleep('1h');
    return flow.receive(word);
  },
});

/** Gives up a receive and a child, and awaits what it gave up. */
export const giveUp = workflow({
  name: 'give-up',
  async run(_input: unknown, flow) {
    const tasks = [flow.run(work, 'x'), flow.sleep('1h'), flow.receive(word), flow.receive(word, { timeout: '1h' }), flow.run(carefree, 0)];
    for (const task of tasks) task.cancel();
    for (const task of tasks) task.cancel();
    const settled = await Promise.allSettled(tasks);
    return settled.map((each) => (each.status === 'rejected' && each.reason instanceof Error ? each.reason.name : each.status));
  },
});
