// Proves rule 6: commit, publish, ack; acked up to the lowest open message; a gained partition starts at the ack position.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPartition } from '../../src/protocol/partition.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const word = (run: string, text: string) => ({ type: 'Signal' as const, run, signal: 'word', value: { json: text }, requestId: text });

describe('Rule 6: order on the way out', () => {
  it('a message is acked after its commit was published, which is after it was appended', async () => {
    await stage.connect('owner');
    await stage.start('run', 'listen', 1);
    await stage.pass('1s');
    const order = stage.steps.flatMap((step) => {
      if (step.kind === 'append') return ['append'];
      if (step.kind === 'publish') return step.messages.some(({ topic }) => topic === 'history') ? ['publish'] : [];
      return step.kind === 'ack' && step.topic === 'inbox' ? ['ack'] : [];
    });
    expect(order).toEqual(['append', 'publish', 'ack']);
  });

  it('a message whose commit is not published is not acked, however long that takes', async () => {
    const owner = await stage.connect('owner');
    owner.hooks.publish = () => Promise.reject(new Error('the bus is down'));
    await stage.start('run', 'listen', 1);
    await stage.pass('2m');
    expect(stage.stepsOf('ack')).toEqual([]);
    delete owner.hooks.publish;
    await stage.pass('10s');
    expect(stage.stepsOf('ack')).toHaveLength(1);
  });

  it('inbox is acked up to the lowest message that is still open, and no further', async () => {
    const owner = await stage.connect('owner');
    const gate = Promise.withResolvers<void>();
    owner.hooks.append = (commit, proceed) => (commit.run === 'slow' ? gate.promise.then(proceed) : proceed());
    await stage.start('quick', 'listen', 9);
    await stage.start('slow', 'listen', 9);
    await stage.send(word('quick', 'one'), word('quick', 'two'));
    await stage.pass('1s');
    expect(stage.stepsOf('ack').map(({ position }) => position)).toEqual([0]);
    gate.resolve();
    await stage.pass('1s');
    expect(stage.stepsOf('ack').map(({ position }) => position)).toEqual([0, 3]);
  });

  it('an owner that gains a partition starts at the ack position', async () => {
    const first = await stage.connect('first');
    await stage.start('done', 'listen', 1);
    await stage.pass('1s');
    first.hooks.ack = () => false;
    await stage.start('run', 'listen', 1);
    await first.kill();
    const loads = stage.stepsOf('load').length;
    await stage.connect('second');
    expect(stage.stepsOf('load').slice(loads)).toEqual([{ kind: 'load', owner: 'second', run: 'run' }]);
    expect(await stage.commits('run')).toHaveLength(1);
  });

  it('an owner that gains a partition anew drops the mailboxes that it had of it, and starts at the ack position', async () => {
    await stage.close();
    stage = await openStage({ app: desk, settings: { inboxPartitions: 2 } });
    const run = ['a', 'b', 'c', 'd', 'e'].find((name) => findPartition(name, 2) === 1) ?? '';
    const first = await stage.connect('first');
    const gate = Promise.withResolvers<void>();
    first.hooks.append = (_commit, proceed) => gate.promise.then(proceed);
    await stage.start(run, 'listen', 3);
    await stage.send(word(run, 'one'), word(run, 'two'));
    const second = await stage.connect('second', { ack: () => false });
    await stage.pass('1s');
    expect(await stage.types(run)).toEqual(['RunStarted', 'SignalReceived', 'SignalReceived']);
    await second.kill();
    gate.resolve();
    await stage.signal(run, 'word', 'three');
    await stage.pass('1s');
    expect(await stage.types(run)).toEqual(['RunStarted', 'SignalReceived', 'SignalReceived', 'SignalReceived', 'RunCompleted']);
    expect(stage.stepsOf('append', 'first').filter(({ outcome }) => outcome === 'conflict').length).toBeLessThanOrEqual(1);
    expect(await stage.waiting('inbox', 1)).toEqual([]);
  });
});
