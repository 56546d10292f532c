// Proves rule 4: what a commit promises is published before anything else, and again by whoever finds its message unacked.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deriveOutbox } from '../../src/engine/outbox/outbox.ts';
import { replayCommits } from '../../src/engine/evolve/evolve.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const DAY_MS = 86_400_000;
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const wordFrom = (index: number) => ({
  type: 'Signal' as const,
  run: 'run',
  signal: 'word',
  value: { json: `word ${index}` },
  requestId: `word ${index}`,
});

/** Appends and publishes of a run in order, in short. */
const trace = (run: string): string[] =>
  stage.steps.flatMap((step) => {
    if (step.kind === 'append') return [`append ${step.commit.version}`];
    if (step.kind === 'put') return step.dues.map(({ id }) => `put ${id}`);
    return step.kind === 'publish'
      ? step.messages.filter(({ key, topic }) => key === run && topic === 'history').map(({ id }) => `publish ${id}`)
      : [];
  });

describe('Rule 4: the commit is the outbox', () => {
  it('the same commit promises the same messages with the same ids, made of epoch, run, event number and generation', async () => {
    await stage.connect('owner', {}, { epoch: 7 });
    await stage.start('run', 'fan-out', 2);
    const [commit] = await stage.commits('run');
    if (!commit) throw new Error('no commit');
    const derive = () => deriveOutbox(commit, JSON.stringify(commit), replayCommits('run', [commit]), { completedMs: 1, failedMs: 1 });
    expect(derive()).toEqual(derive());
    expect(derive().letters.map(({ id }) => id)).toEqual(['7/run/attempt/2/1/1', '7/run/attempt/3/1/1', 'run/1']);
  });

  it('the next commit is appended only when everything that the last one promised was answered', async () => {
    const gate = Promise.withResolvers<void>();
    const owner = await stage.connect('owner');
    owner.hooks.put = (_dues, proceed) => gate.promise.then(proceed);
    await stage.start('run', 'sleep-then-work', DAY_MS);
    await stage.signal('run', 'word', 'waiting behind the timer');
    expect(trace('run')).toEqual(['append 1', 'publish run/1']);
    gate.resolve();
    await stage.settle();
    expect(trace('run')).toEqual(['append 1', 'publish run/1', 'put run/0/timer/2', 'append 2', 'publish run/2']);
  });

  it('a timer that could not be put is not taken for published: it is put again before the next commit', async () => {
    let failures = 1;
    const owner = await stage.connect('owner');
    owner.hooks.put = (_dues, proceed) => (failures-- > 0 ? Promise.reject(new Error('no disk')) : proceed());
    await stage.start('run', 'sleep-then-work', DAY_MS);
    await stage.signal('run', 'word', 'after it');
    await stage.pass('1s');
    const order = trace('run');
    expect(order.indexOf('put run/0/timer/2')).toBeLessThan(order.indexOf('append 2'));
    expect(order.indexOf('put run/0/timer/2')).toBeGreaterThan(0);
  });

  it('an owner that finds a message in the last commit publishes all that the commit promised again, marked so', async () => {
    const first = await stage.connect('first');
    first.hooks.publish = (messages, proceed) =>
      messages.some(({ topic }) => topic === 'history') ? new Promise(() => undefined) : proceed();
    await stage.start('run', 'fan-out', 2);
    expect(stage.published('jobs.desk.work')).toEqual([]);
    await first.kill();
    await stage.connect('second');
    await stage.settle();
    expect(stage.published('jobs.desk.work').map(({ id, again }) => [id, again])).toEqual([
      ['0/run/attempt/2/1/1', true],
      ['0/run/attempt/3/1/1', true],
    ]);
    expect(stage.published('history').filter(({ id }) => id === 'run/1')).toMatchObject([{ again: true }]);
    expect(await stage.types('run')).toEqual([
      'RunStarted',
      'JobScheduled',
      'JobScheduled',
      'JobSucceeded',
      'JobSucceeded',
      'RunCompleted',
    ]);
  });

  it('a copy of a message in the last commit is only acked by the process that saw the commit published', async () => {
    await stage.connect('owner');
    await stage.start('run', 'listen', 1);
    const before = stage.published('history').length;
    await stage.start('run', 'listen', 1);
    await stage.pass('1s');
    expect(stage.published('history')).toHaveLength(before);
    expect(await stage.commits('run')).toHaveLength(1);
    expect(await stage.waiting('inbox')).toEqual([]);
  });

  it('a publish that is repeated after an error is marked again', async () => {
    let failures = 1;
    const owner = await stage.connect('owner');
    owner.hooks.publish = async (messages, proceed) => {
      await proceed();
      if (messages.some(({ topic }) => topic === 'jobs.desk.work') && failures-- > 0) throw new Error('the answer was lost');
    };
    await stage.start('run', 'one-job', 1);
    await stage.pass('1s');
    expect(stage.published('jobs.desk.work').map(({ again }) => again)).toEqual([true]);
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
  });

  it('a copy of a message in an older commit is only acked', async () => {
    await stage.connect('owner');
    await stage.start('run', 'listen', 3);
    await stage.signal('run', 'word', 'one', 'first');
    await stage.signal('run', 'word', 'two', 'second');
    const published = stage.published('history').length;
    await stage.signal('run', 'word', 'one', 'first');
    await stage.pass('1s');
    expect(await stage.commits('run')).toHaveLength(3);
    expect(stage.published('history')).toHaveLength(published);
    expect(await stage.waiting('inbox')).toEqual([]);
  });

  it('a commit takes a prefix of the mailbox in the order of inbox', async () => {
    await stage.connect('owner', {}, { commitMessages: 3 });
    await stage.start('run', 'listen', 8);
    await stage.send(...Array.from({ length: 8 }, (_, index) => wordFrom(index)));
    const [, ...commits] = await stage.commits('run');
    expect(commits.map(({ messages }) => messages)).toEqual([
      [0, 1, 2].map((index) => `request/word ${index}`),
      [3, 4, 5].map((index) => `request/word ${index}`),
      [6, 7].map((index) => `request/word ${index}`),
    ]);
    const [completed] = await stage.events('run', 'RunCompleted');
    expect(completed?.output).toEqual({ json: Array.from({ length: 8 }, (_, index) => `word ${index}`) });
  });

  it('all messages of a run are on one partition of inbox, whoever publishes them', async () => {
    await stage.close();
    stage = await openStage({ app: desk, settings: { inboxPartitions: 16 } });
    const seen = new Map<string, Set<number>>();
    await stage.ports.bus.declareTopics([{ name: 'inbox', kind: 'stream', partitions: 16, retained: false, delayed: false }], {
      timeoutMs: 1000,
    });
    const onMessages = (_partition: number, messages: readonly { readonly key: string; readonly partition: number }[]): void => {
      for (const { key, partition } of messages) seen.set(key, (seen.get(key) ?? new Set()).add(partition));
    };
    await stage.ports.bus.subscribeStream('inbox', { onMessages }, { subscription: 'onlooker', prefetch: 1000, timeoutMs: 1000 });
    await stage.connect('owner');
    for (const run of ['one', 'two', 'three']) await stage.start(run, 'parent', 'one-job');
    await stage.publish([writeInbox({ type: 'Pause', run: 'one', requestId: 'pause' })]);
    expect([...seen.values()].map((partitions) => partitions.size)).toEqual([...seen.keys()].map(() => 1));
    expect(seen.size).toBe(6);
  });
});
