// Proves rule 21: no call is waited for without end, and an owner that makes no step any more says so.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Calls } from '../../src/connector/context/calls.ts';
import type { WaitingPartition } from '../../src/connector/orchestrator/partition.ts';
import { watchPartitions } from '../../src/connector/watchdog.ts';
import { findPartition } from '../../src/protocol/partition.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';
import type { Hooks } from '../support/stage/watched-ports.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const makeNames = (stem: string): readonly string[] => Array.from({ length: 50 }, (_, at) => `${stem}-${at}`);

/** The first call is never answered, the others are. */
const silentOnce = () => {
  let silent = true;
  return <T>(proceed: () => Promise<T>, when = true): Promise<T> => {
    if (!silent || !when) return proceed();
    silent = false;
    return new Promise<T>(() => undefined);
  };
};

describe('Rule 21: every call has a deadline', () => {
  const once = silentOnce;
  it.each<[string, () => Hooks]>([
    ['loading a run', () => ((pass) => ({ load: (_run, proceed) => pass(proceed) }))(once())],
    ['appending a commit', () => ((pass) => ({ append: (_commit, proceed) => pass(proceed) }))(once())],
    [
      'publishing',
      () =>
        ((pass) => ({
          publish: (messages, proceed) =>
            pass(
              proceed,
              messages.some(({ topic }) => topic === 'history'),
            ),
        }))(once()),
    ],
    ['putting a timer', () => ((pass) => ({ put: (_dues, proceed) => pass(proceed) }))(once())],
    [
      'the decision function',
      () => ((pass) => ({ invoke: (name, _payload, proceed) => pass(proceed, name.includes('decision')) }))(once()),
    ],
    ['the job function', () => ((pass) => ({ invoke: (name, _payload, proceed) => pass(proceed, name.includes('jobs')) }))(once())],
    ['the timer function', () => ((pass) => ({ invoke: (name, _payload, proceed) => pass(proceed, name.includes('timer')) }))(once())],
  ])('%s: one that is never answered is given up and made again, and the run ends', async (_what, makeHooks) => {
    await stage.connect('owner', makeHooks());
    await stage.start('run', 'sleep-then-work', 200_000);
    await stage.pass('10m');
    expect(stage.reportedCodes).toContain('CALL_TIMED_OUT');
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('a call that was answered in time is not given up', async () => {
    const clock = makeVirtualClock();
    const calls = new Calls(clock, () => undefined);
    const answer = Promise.withResolvers<string>();
    const made = calls.within('a call', 1000, () => answer.promise);
    clock.advance(999);
    answer.resolve('in time');
    expect(await made).toBe('in time');
    clock.advance(10_000);
    expect([calls.lastFailureAt, clock.timers]).toEqual([0, 0]);
  });

  it('repeated calls pause longer and longer, up to 5 s, and end when the connector stops', async () => {
    const clock = makeVirtualClock(0);
    const calls = new Calls(clock, () => undefined);
    const made: number[] = [];
    const done = calls.untilDone('a call', 1000, async () => {
      made.push(clock.now());
      throw new Error('no');
    });
    for (let step = 0; step < 60; step++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(500);
    }
    const gaps = made.slice(1).map((at, index) => at - (made[index] ?? 0));
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
    expect(gaps.at(-1)).toBe(5000);
    calls.stop();
    expect(await done).toBeUndefined();
  });
});

describe('Rule 21: the watchdog', () => {
  const watch = (partition: Partial<WaitingPartition>) => {
    const clock = makeVirtualClock(0);
    const calls = new Calls(clock, () => undefined);
    const stuck: StarquakeError[] = [];
    const stop = watchPartitions({
      clock,
      calls,
      listWaitingPartitions: () => [{ partition: 3, lastStepAt: 0, lastTroubleAt: 0, isBurying: false, ...partition }],
      onStuck: (error) => stuck.push(error),
    });
    return { clock, calls, stuck, stop };
  };

  it('ends an owner whose partition makes no step for 5 minutes while its dependencies answer', () => {
    const { clock, stuck } = watch({ lastStepAt: 0 });
    clock.advance(4.9 * 60_000);
    expect(stuck).toEqual([]);
    clock.advance(60_000);
    expect(stuck.map(({ code }) => code)).toEqual(['STUCK']);
    clock.advance(60 * 60_000);
    expect(stuck).toHaveLength(1);
  });

  const failForTenMinutes = async ({ clock, calls }: ReturnType<typeof watch>): Promise<void> => {
    for (let minute = 0; minute < 10; minute++) {
      await calls.within('a call', 1000, () => Promise.reject(new Error('down'))).catch(() => undefined);
      clock.advance(60_000);
    }
  };

  it('is not disarmed by calls that fail for others', async () => {
    const watched = watch({ lastStepAt: 0 });
    await failForTenMinutes(watched);
    expect(watched.stuck.map(({ code }) => code)).toEqual(['STUCK']);
  });

  it('blames no owner whose dead letters are not taken', async () => {
    const watched = watch({ isBurying: true });
    await failForTenMinutes(watched);
    expect(watched.stuck).toEqual([]);
  });

  const down = (): Promise<never> => Promise.reject(new Error('down'));
  it.each<[string, Hooks]>([
    ['runs cannot be loaded', { load: down }],
    ['commits cannot be appended', { append: down }],
    ['messages cannot be published', { publish: down }],
  ])('blames no owner while %s, and all goes on afterwards', async (_what, hooks) => {
    const owner = await stage.connect('owner');
    Object.assign(owner.hooks, hooks);
    await stage.start('run', 'one-job', 1);
    await stage.pass('20m');
    expect(stage.reportedCodes).not.toContain('STUCK');
    for (const hook of ['load', 'append', 'publish'] as const) delete owner.hooks[hook];
    await stage.pass('1m');
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('sees a partition that makes no step though another one of its owner meets nothing but trouble', async () => {
    await stage.close();
    stage = await openStage({ app: desk, settings: { inboxPartitions: 2 } });
    const [silent = '', troubled = ''] = [0, 1].map((partition) => makeNames('run').find((name) => findPartition(name, 2) === partition));
    const owner = await stage.connect('owner', {}, { decisionTimeoutMs: 3_600_000 });
    owner.hooks.load = (run, proceed) => (run === troubled ? down() : proceed());
    owner.hooks.invoke = () => new Promise(() => undefined);
    await stage.start(silent, 'one-job', 1);
    await stage.start(troubled, 'one-job', 1);
    await stage.pass('6m');
    const stuck = stage.reports.flatMap(({ error }) => (error instanceof StarquakeError && error.code === 'STUCK' ? [error.message] : []));
    expect(stuck).toEqual([expect.stringContaining('Partition 0 of inbox')]);
  });

  it('sees a partition whose oldest message waits for a decision that never comes', async () => {
    const owner = await stage.connect('owner', {}, { decisionTimeoutMs: 3_600_000 });
    owner.hooks.invoke = () => new Promise(() => undefined);
    await stage.start('run', 'one-job', 1);
    await stage.pass('4m');
    expect(stage.reportedCodes).not.toContain('STUCK');
    await stage.pass('2m');
    expect(stage.reportedCodes).toContain('STUCK');
  });

  it('sees nothing in an owner that has nothing to do', async () => {
    await stage.connect('owner');
    await stage.start('run', 'listen', 1);
    await stage.pass('1h');
    expect(stage.reports).toEqual([]);
  });
});
