// Proves rule 17: near timers are on the bus, far ones in the store, and early, late or repeated deliveries change nothing.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const MINUTE_MS = 60_000;
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const timersOnBus = () => stage.published('timers').filter(({ id }) => id.includes('/timer/'));
const timersPut = () => stage.stepsOf('put').flatMap(({ dues }) => dues.filter(({ id }) => id.includes('/timer/')));
const firedAt = async (run = 'run') => (await stage.events(run, 'TimerFired')).map(({ at }) => at);

describe('Rule 17: where a timer is kept', () => {
  it('due within 2 minutes: on the bus, with the time to be delivered at', async () => {
    await stage.connect('owner');
    await stage.start('run', 'sleep-then-work', 2 * MINUTE_MS);
    expect(timersOnBus()).toMatchObject([{ deliverAt: stage.clock.now() + 2 * MINUTE_MS }]);
    expect(timersPut()).toEqual([]);
  });

  it('due within 2 s: on the bus without it, kept unacked until the clock reaches it', async () => {
    await stage.connect('owner');
    const dueAt = stage.clock.now() + 2000;
    await stage.start('run', 'sleep-then-work', 2000);
    expect(timersOnBus()[0]).not.toHaveProperty('deliverAt');
    await stage.pass('1999ms');
    expect(stage.stepsOf('ack').filter(({ topic }) => topic === 'timers')).toEqual([]);
    expect(await firedAt()).toEqual([]);
    await stage.pass('1ms');
    expect(await firedAt()).toEqual([dueAt]);
  });

  it('later: in the timer store, and not on the bus until it is near', async () => {
    await stage.connect('owner');
    const dueAt = stage.clock.now() + 10 * MINUTE_MS;
    await stage.start('run', 'sleep-then-work', 10 * MINUTE_MS);
    expect(timersPut()).toMatchObject([{ dueAt }]);
    await stage.pass('7m');
    expect(timersOnBus()).toEqual([]);
    await stage.pass('2m');
    expect(timersOnBus()).toMatchObject([{ deliverAt: dueAt }]);
    await stage.pass('1m');
    expect(await firedAt()).toEqual([dueAt]);
  });

  it('a put whose time has come near meanwhile is published too', async () => {
    const owner = await stage.connect('owner', {}, { moverIntervalMs: 3_600_000 });
    owner.hooks.put = async (_dues, proceed) => {
      await new Promise<void>((resolve) => stage.clock.setTimer(stage.clock.now() + 5000, resolve));
      await proceed();
    };
    const dueAt = stage.clock.now() + 2 * MINUTE_MS + 1000;
    await stage.start('run', 'sleep-then-work', 2 * MINUTE_MS + 1000);
    await stage.pass('6s');
    expect(timersPut()).toHaveLength(1);
    expect(timersOnBus()).toHaveLength(1);
    await stage.pass('2m');
    expect(await firedAt()).toEqual([dueAt]);
  });
});

describe('Rule 17: the mover', () => {
  it('publishes, then removes exactly what it published', async () => {
    const owner = await stage.connect('owner', {}, { moverIntervalMs: 1000 });
    await stage.start('run', 'sleep-then-work', 5 * MINUTE_MS);
    await stage.start('later', 'sleep-then-work', 50 * MINUTE_MS);
    owner.hooks.publish = (messages, proceed) =>
      messages.some(({ topic }) => topic === 'timers') ? Promise.reject(new Error('no bus')) : proceed();
    await stage.pass('4m');
    expect(stage.stepsOf('remove')).toEqual([]);
    delete owner.hooks.publish;
    await stage.pass('10s');
    const [removed] = stage.stepsOf('remove');
    expect(removed?.dues.map(({ key }) => key)).toEqual(['run']);
    expect(
      stage.steps.findIndex(
        (step) => step.kind === 'publish' && step.messages.some(({ topic, key }) => topic === 'timers' && key === 'run'),
      ),
    ).toBeLessThan(stage.steps.findIndex(({ kind }) => kind === 'remove'));
  });

  it('that could not remove publishes again, and the timer fires once', async () => {
    const owner = await stage.connect('owner');
    owner.hooks.remove = () => Promise.reject(new Error('no disk'));
    await stage.start('run', 'sleep-then-work', 4 * MINUTE_MS);
    await stage.pass('6m');
    expect(timersOnBus().length).toBeGreaterThan(1);
    expect(await firedAt()).toHaveLength(1);
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('reads from the oldest entry on: one that was put behind it is found in its next round', async () => {
    await stage.connect('owner');
    await stage.start('run', 'sleep-then-work', 60 * MINUTE_MS);
    await stage.pass('10m');
    const [due] = timersPut();
    if (!due) throw new Error('no timer was put');
    await stage.ports.timers.put([{ ...due, dueAt: stage.clock.now() - 5 * MINUTE_MS }], { timeoutMs: 1000 });
    await stage.pass('1m');
    expect(await firedAt()).toHaveLength(1);
  });
});

describe('Rule 17: deliveries', () => {
  it('one that comes early fires nothing before its time', async () => {
    await stage.connect('owner');
    const dueAt = stage.clock.now() + 10 * MINUTE_MS;
    await stage.start('run', 'sleep-then-work', 10 * MINUTE_MS);
    const [due] = timersPut();
    await stage.publish([{ topic: 'timers', key: 'run', id: 'early', body: JSON.stringify(due) }]);
    await stage.pass('9m');
    expect(await firedAt()).toEqual([]);
    await stage.pass('1m');
    expect(await firedAt()).toEqual([dueAt]);
  });

  it('one that comes late fires', async () => {
    const first = await stage.connect('first');
    await stage.start('run', 'sleep-then-work', MINUTE_MS);
    await first.stop();
    await stage.pass('1h');
    await stage.connect('second');
    await stage.pass('1s');
    expect(await firedAt()).toHaveLength(1);
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('repeated ones fire once', async () => {
    await stage.connect('owner');
    await stage.start('run', 'sleep-then-work', MINUTE_MS);
    const [due] = timersOnBus();
    if (due) await stage.publish([due, due]);
    await stage.pass('2m');
    expect(await firedAt()).toHaveLength(1);
  });

  it('a timer function that fails is asked again until it answers, and nothing is acked before', async () => {
    const owner = await stage.connect('owner');
    owner.hooks.invoke = (name, _payload, proceed) => (name === 'starquake.timer' ? Promise.reject(new Error('gone')) : proceed());
    await stage.start('run', 'sleep-then-work', 1000);
    await stage.pass('10s');
    expect(stage.stepsOf('ack').filter(({ topic }) => topic === 'timers')).toEqual([]);
    delete owner.hooks.invoke;
    await stage.pass('10s');
    expect(await firedAt()).toHaveLength(1);
  });

  it('an administrator can fire a timer before its time, once', async () => {
    await stage.connect('owner');
    await stage.start('run', 'sleep-then-work', MINUTE_MS);
    await stage.send({ type: 'FireTimer', run: 'run', requestId: 'fire', timer: 2 });
    await stage.send({ type: 'FireTimer', run: 'run', requestId: 'again', timer: 2 });
    await stage.pass('2m');
    expect(await firedAt()).toHaveLength(1);
    expect(await stage.types('run')).toContain('RunCompleted');
  });
});

describe('Rule 17: the watch entry', () => {
  const watchesPut = () => stage.stepsOf('put').flatMap(({ dues }) => dues.filter(({ id }) => id.endsWith('/watch')));

  beforeEach(() => {
    stage.jobs['work'] = () => ({ kind: 'later', timeoutMs: 30 * 86_400_000 });
  });

  it('is left by a run that waits for jobs only: one, however many commits follow', async () => {
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    await stage.send({ type: 'Pause', run: 'run', requestId: 'pause' });
    await stage.send({ type: 'Resume', run: 'run', requestId: 'resume' });
    expect(watchesPut()).toHaveLength(1);
  });

  it('is not left by a run that waits for a timer', async () => {
    await stage.connect('owner');
    await stage.start('run', 'sleep-then-work', 10 * MINUTE_MS);
    expect(watchesPut()).toEqual([]);
  });

  it('sends a Wake when it fires, whose commit puts the next one', async () => {
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    const [first] = watchesPut();
    await stage.passTo((first?.dueAt ?? 0) + 1000);
    expect((await stage.commits('run')).at(-1)).toMatchObject({ messages: ['wake/1/watch'], events: [] });
    expect(watchesPut().map(({ id }) => id)).toEqual(['run/wake/1/watch', 'run/wake/2/watch']);
  });
});
