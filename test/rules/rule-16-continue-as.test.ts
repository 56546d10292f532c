// Proves rule 16: what continueAs closes, what it refuses, what it carries over.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
  await stage.connect('owner');
});
afterEach(() => stage.close());

const output = async (run = 'run') => (await stage.events(run, 'RunCompleted'))[0]?.output;
const words = (...texts: readonly string[]) =>
  texts.map((text) => ({
    type: 'Signal' as const,
    run: 'run',
    signal: text === 'next' ? 'next' : 'word',
    value: { json: text },
    requestId: text,
  }));

describe('Rule 16: continueAs', () => {
  it('the run id stays; event numbers and versions go on', async () => {
    await stage.start('run', 'restart', { left: 2, heard: [] });
    await stage.signal('run', 'next');
    await stage.signal('run', 'next');
    await stage.signal('run', 'word', 'last');
    const [commits, history] = [await stage.commits('run'), await stage.history('run')];
    expect(commits.map(({ version }) => version)).toEqual(commits.map((_, index) => index + 1));
    expect(history.map(({ number }) => number)).toEqual(history.map((_, index) => index + 1));
    expect(await output()).toEqual({ json: ['round 2', 'round 1', 'last'] });
  });

  it('jobs of the new beginning have numbers and keys of their own', async () => {
    await stage.start('run', 'worker', 2);
    expect(stage.attempts.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['0/run/2', '0/run/5', '0/run/8']);
  });

  it('closes open jobs, timers and attached children as canceled in its own commit, and leaves detached children', async () => {
    stage.jobs['work'] = () => new Promise(() => undefined);
    await stage.start('run', 'abandon', 0);
    await stage.signal('run', 'next');
    const commit = (await stage.commits('run')).find(({ events }) => events.some(({ type }) => type === 'RunContinued'));
    expect(commit?.events.map(({ type }) => type)).toEqual([
      'SignalReceived',
      'JobCanceled',
      'TimerCanceled',
      'ChildClosed',
      'RunContinued',
    ]);
    const [attached, detached] = await stage.events('run', 'ChildStarted');
    expect((await stage.commits(attached?.run ?? '')).at(-1)?.summary.status).toBe('canceled');
    expect((await stage.commits(detached?.run ?? '')).at(-1)?.summary.status).toBe('running');
    expect((await stage.state('run')).jobs.size + (await stage.state('run')).timers.size).toBe(0);
  });

  it('closes a held job as well', async () => {
    stage.jobs['patient'] = () => ({ kind: 'failed', failure: { code: 'X', name: 'X', message: 'x' }, retryable: false });
    await stage.start('run', 'abandon-held', 0);
    expect((await stage.types('run')).at(-1)).toBe('JobHeld');
    await stage.signal('run', 'next');
    expect(await stage.events('run', 'JobCanceled')).toMatchObject([{ job: 2, reason: 'the run began anew' }]);
  });

  it('what comes late for the beginning before changes nothing', async () => {
    const late = Promise.withResolvers<unknown>();
    stage.jobs['work'] = () => late.promise;
    await stage.start('run', 'abandon', 0);
    await stage.signal('run', 'next');
    const before = (await stage.history('run')).length;
    late.resolve({ kind: 'succeeded', output: { json: 'late' } });
    await stage.pass('2h');
    expect((await stage.history('run')).slice(before).map(({ type }) => type)).toEqual([]);
  });

  it('is refused with COMPENSATION_PENDING while undo functions are registered', async () => {
    await stage.start('run', 'indebted');
    expect(await output()).toEqual({ json: 'COMPENSATION_PENDING' });
    expect(await stage.events('run', 'RunContinued')).toEqual([]);
  });

  it('carries over signals that were not read', async () => {
    await stage.start('run', 'restart', { left: 1, heard: [] });
    await stage.signal('run', 'word', 'early');
    await stage.signal('run', 'next');
    expect((await stage.events('run', 'RunContinued'))[0]?.signals).toEqual([{ signal: 'word', value: { json: 'early' } }]);
    expect(await output()).toEqual({ json: ['round 1', 'early'] });
  });

  it('carries over a signal that came with the very message that made it begin anew', async () => {
    await stage.start('run', 'restart', { left: 1, heard: [] });
    await stage.send(...words('next', 'right behind'));
    expect(await stage.types('run')).toContain('RunContinued');
    expect(await output()).toEqual({ json: ['round 1', 'right behind'] });
  });

  it('carries over request ids: a signal sent again counts once', async () => {
    await stage.start('run', 'restart', { left: 1, heard: [] });
    await stage.send(...words('next'));
    await stage.send(...words('next'));
    expect(await stage.events('run', 'SignalReceived')).toHaveLength(1);
  });

  it('carries over tags', async () => {
    await stage.start('run', 'abandon', 0, { tags: { desk: 'left' } });
    await stage.signal('run', 'next');
    expect((await stage.state('run')).header?.tags).toEqual({ desk: 'left', round: 'first' });
  });

  it('carries over detached children, which can be awaited in the new beginning', async () => {
    await stage.start('run', 'hand-over', 0);
    await stage.signal('run', 'next');
    const [child] = await stage.events('run', 'ChildStarted');
    expect((await stage.events('run', 'RunContinued'))[0]?.children).toEqual([{ child: child?.number, run: child?.run }]);
    await stage.signal(child?.run ?? '', 'word', 'from afar');
    expect(await stage.events('run', 'ChildClosed')).toMatchObject([{ child: child?.number, outcome: 'completed' }]);
  });

  it('a detached child that closed with the very message that made it begin anew is not taken for open', async () => {
    await stage.start('run', 'hand-over', 0);
    const [child] = await stage.events('run', 'ChildStarted');
    const closed = {
      type: 'ChildClosed' as const,
      run: 'run',
      epoch: 0,
      child: child?.number ?? 0,
      generation: 1,
      outcome: 'completed' as const,
      output: {},
    };
    await stage.send(...words('next'), closed);
    expect((await stage.events('run', 'RunContinued'))[0]?.children).toEqual([]);
  });

  it('carries over a cancel that the code has not met', async () => {
    await stage.start('run', 'restart', { left: 1, heard: [] });
    await stage.send(...words('next'), { type: 'Cancel', run: 'run', requestId: 'cancel', reason: 'not wanted any more' });
    expect((await stage.events('run', 'RunContinued'))[0]?.cancel).toBe(true);
    expect(await stage.events('run', 'RunCanceled')).toHaveLength(1);
  });
});
