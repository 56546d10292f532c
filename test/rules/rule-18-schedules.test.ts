// Proves rule 18: schedules are runs, defined by their app's newest deployment and told what to do by signals.
import { afterEach, describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/sdk/schedule.ts';
import { allows, clockwork, makeClockwork, mornings, queues, skips } from '../support/apps/clockwork/app.ts';
import { loadTestApp } from '../support/stage/test-app.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const loaded = await loadTestApp(clockwork, new URL('../support/apps/clockwork/app.ts', import.meta.url));
const withSchedules = (...schedules: readonly Schedule[]) => ({ ...loaded, app: makeClockwork(schedules) });
/** The stage's clock starts at midnight UTC, which is 01:00 in Paris. */
const START_AT = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
/** How long each invocation takes. */
const slow = { ms: 0 };
let stage: Stage;

afterEach(() => stage.close());

const open = async (...schedules: readonly Schedule[]): Promise<void> => {
  stage = await openStage({
    app: withSchedules(...schedules),
    deployment: { deployment: 'first', order: 1 },
    settings: { moverIntervalMs: 600_000, timerHorizonMs: 1_200_000 },
  });
  await stage.connect('owner', {
    invoke: async (_name, _payload, proceed) => {
      if (slow.ms > 0) await new Promise<void>((resolve) => stage.clock.setTimer(stage.clock.now() + slow.ms, resolve));
      return proceed();
    },
  });
};

const run = (name: string): string => `schedule/clockwork/${name}`;
const children = (name: string) => stage.events(run(name), 'ChildStarted');
const order = (name: string, kind: 'pause' | 'resume' | 'trigger') => stage.signal(run(name), 'schedule', { kind });

/** Has every chime wait until it is let go. */
const holdChimes = () => {
  stage.jobs['work'] = () => ({ kind: 'later', timeoutMs: 24 * HOUR_MS });
  let begun = 0;
  return {
    waiting: () => stage.attempts.length - begun,
    letGo: async () => {
      const attempt = stage.attempts[begun++]?.attempt;
      await stage.send({
        type: 'CompleteJob',
        run: attempt?.run ?? '',
        requestId: stage.newRequestId(),
        job: attempt?.job ?? 0,
        output: {},
      });
    },
  };
};

describe('Rule 18: a schedule', () => {
  it('is a run of the built-in workflow, of an id made from app and name, started when a deployment is taken up', async () => {
    await open(skips);
    expect(await stage.events(run('skips'), 'RunStarted')).toMatchObject([
      { app: 'clockwork', workflow: 'starquake.schedule', deployment: 'first' },
    ]);
    expect((await stage.events(run('skips'), 'SignalReceived'))[0]).toMatchObject({
      signal: 'schedule',
      value: { json: { kind: 'define', definition: { name: 'skips' } } },
    });
  });

  it('starts a detached child at each time of its cron, in its zone', async () => {
    await open(mornings);
    await stage.pass('3 days');
    const started = await children('mornings');
    expect(started.map(({ at }) => at)).toEqual([0, 1, 2].map((day) => START_AT + (24 * day + 8) * HOUR_MS));
    expect(started[0]).toMatchObject({ attached: false, workflow: 'chime', input: { json: 'morning' }, tags: { schedule: 'mornings' } });
    expect(new Set(started.map((child) => child.run)).size).toBe(3);
    expect(await stage.types(started.at(-1)?.run ?? '')).toContain('RunCompleted');
  });

  it('begins anew after each occurrence: its history stays short', async () => {
    await open(mornings);
    await stage.pass('4 days');
    expect((await stage.events(run('mornings'), 'RunContinued')).length).toBeGreaterThanOrEqual(4);
    expect((await stage.state(run('mornings'))).history?.length).toBeLessThan(10);
  });

  it('that skips leaves out the times at which its last run is still open', async () => {
    await open(skips);
    const chimes = holdChimes();
    await stage.pass('150m');
    expect(await children('skips')).toHaveLength(1);
    await chimes.letGo();
    await stage.pass('1h');
    expect(await children('skips')).toHaveLength(2);
  });

  it('that queues makes up for them, one after another', async () => {
    await open(queues);
    const chimes = holdChimes();
    await stage.pass('190m');
    expect(await children('queues')).toHaveLength(1);
    await chimes.letGo();
    expect(await children('queues')).toHaveLength(2);
    await chimes.letGo();
    expect(await children('queues')).toHaveLength(3);
    await chimes.letGo();
    expect(await children('queues')).toHaveLength(3);
    expect(chimes.waiting()).toBe(0);
  });

  it('that allows starts at each time whatever runs', async () => {
    await open(allows);
    holdChimes();
    await stage.pass('190m');
    expect(await children('allows')).toHaveLength(3);
  });

  it('that is paused starts nothing until it is resumed, and then at its next time', async () => {
    await open(skips);
    await order('skips', 'pause');
    await stage.pass('5h');
    expect(await children('skips')).toEqual([]);
    await order('skips', 'resume');
    expect(await children('skips')).toEqual([]);
    await stage.pass('1h');
    expect(await children('skips')).toHaveLength(1);
  });

  it('can be triggered at any time, also while it is paused', async () => {
    await open(mornings);
    await order('mornings', 'trigger');
    await order('mornings', 'pause');
    await order('mornings', 'trigger');
    expect((await children('mornings')).map(({ at }) => at)).toEqual([START_AT, START_AT]);
  });

  it('tells whether it is paused and how often it has started', async () => {
    await open(mornings);
    await order('mornings', 'trigger');
    await order('mornings', 'pause');
    expect((await stage.events(run('mornings'), 'StatusSet')).at(-1)?.status).toEqual({ paused: true, occurrences: 1, waiting: 0 });
  });
});

describe('Rule 18: a new deployment', () => {
  it('redefines a schedule: its next time is by the new cron', async () => {
    await open(skips);
    await stage.deploy(withSchedules({ ...skips, cron: '30 * * * *' }), { deployment: 'second', order: 2 });
    await stage.pass('31m');
    expect((await children('skips')).map(({ at }) => at)).toEqual([START_AT + HOUR_MS / 2]);
  });

  it('starts the children of a schedule on itself', async () => {
    await open(skips);
    await stage.deploy(withSchedules(skips), { deployment: 'second', order: 2 });
    await stage.pass('61m');
    const [child] = await children('skips');
    expect(await stage.events(child?.run ?? '', 'RunStarted')).toMatchObject([{ deployment: 'second' }]);
  });

  it('takes the run of the schedule over: it goes on with the newest code when it begins anew', async () => {
    await open(skips);
    await stage.deploy(withSchedules(skips), { deployment: 'second', order: 2 });
    await stage.pass('121m');
    expect((await stage.state(run('skips'))).header?.deployment).toBe('second');
  });

  it('that has a schedule no more pauses it, and one that has it again goes on with it', async () => {
    await open(skips);
    await stage.deploy(withSchedules(), { deployment: 'second', order: 2 });
    await stage.pass('3h');
    expect(await children('skips')).toEqual([]);
    await stage.deploy(withSchedules(skips), { deployment: 'third', order: 3 });
    await stage.pass('61m');
    expect(await children('skips')).toHaveLength(1);
  });

  it('that is taken up twice, or by two connectors, defines its schedules once', async () => {
    await open(skips);
    await stage.connect('other');
    await stage.deploy(withSchedules(skips), { deployment: 'first', order: 1 });
    expect(await stage.events(run('skips'), 'SignalReceived')).toHaveLength(1);
  });

  it('an older deployment that comes late changes nothing', async () => {
    await open(skips);
    await stage.deploy(withSchedules({ ...skips, cron: '30 * * * *' }), { deployment: 'older', order: 0 });
    await stage.pass('61m');
    expect((await children('skips')).map(({ at }) => at)).toEqual([START_AT + HOUR_MS]);
  });

  it('a definition that comes at the very time of an occurrence is not lost', async () => {
    await open(skips);
    await stage.passTo(START_AT + HOUR_MS - 1);
    await stage.deploy(withSchedules({ ...skips, cron: '30 * * * *' }), { deployment: 'second', order: 2 });
    await stage.pass('2h');
    expect((await children('skips')).map(({ at }) => (at - START_AT) % HOUR_MS)).toEqual([HOUR_MS / 2, HOUR_MS / 2]);
  });

  it('that comes right before an occurrence, and takes until after it to be taken up, does not lose it', async () => {
    await open(skips);
    await stage.passTo(START_AT + HOUR_MS - 500);
    slow.ms = 1000;
    await stage.deploy(withSchedules({ ...skips, input: 'redefined' }), { deployment: 'second', order: 2 });
    await stage.pass('2s');
    slow.ms = 0;
    await stage.pass('5s');
    expect((await children('skips')).map(({ input }) => input)).toEqual([{ json: 'redefined' }]);
  });
});
