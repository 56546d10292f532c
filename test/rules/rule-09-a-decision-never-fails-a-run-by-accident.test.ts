// Proves rule 9: what goes wrong with a decision blocks a run, is tried again, and never ends it; only the author's own error does.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeVmRealm } from '../../src/adapters/vm-realm/vm-realm.ts';
import { createDecider } from '../../src/engine/decider.ts';
import { runDecisionSchema, type DecisionInput } from '../../src/protocol/functions.ts';
import { loadDesk, loadNextDesk } from '../support/apps/desk/load-desk.ts';
import { payload, runStarted } from '../support/pure/drafts.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';
import type { Hooks } from '../support/stage/watched-ports.ts';

const [desk, nextDesk] = await Promise.all([loadDesk(), loadNextDesk()]);
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

/** Has decisions of these runs fail while `broken` says so. */
const breakDecisions = (broken: (runs: readonly string[]) => boolean): Hooks => ({
  invoke: (name, payloadText, proceed) => {
    const runs = name.includes('decision')
      ? (JSON.parse(payloadText) as { runs: string[] }).runs.map((text) => (JSON.parse(text) as DecisionInput).run)
      : [];
    return broken(runs) ? Promise.reject(new Error('the function is gone')) : proceed();
  },
});

const batches = (): readonly string[][] =>
  stage
    .stepsOf('invoke')
    .flatMap(({ name, payload: text }) =>
      name.includes('decision') ? [(JSON.parse(text) as { runs: string[] }).runs.map((run) => (JSON.parse(run) as DecisionInput).run)] : [],
    );

describe('Rule 9: a decision never fails a run by accident', () => {
  it('a crash blocks the run, with the time of its next try; a try that answers goes on as if nothing had been', async () => {
    let broken = true;
    await stage.connect(
      'owner',
      breakDecisions((runs) => broken && runs.length > 0),
    );
    await stage.start('run', 'one-job', 1);
    expect(await stage.events('run', 'RunBlocked')).toMatchObject([
      { tries: 1, failure: { code: 'DECISION_CRASHED' }, nextTryAt: stage.clock.now() + 1000 },
    ]);
    broken = false;
    await stage.pass('2s');
    expect(await stage.types('run')).toEqual(['RunStarted', 'RunBlocked', 'RunUnblocked', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
  });

  it('each failed try is a commit with a new RunBlocked, and the next Wake is named after its version', async () => {
    await stage.connect(
      'owner',
      breakDecisions((runs) => runs.length > 0),
    );
    await stage.start('run', 'one-job', 1);
    await stage.pass('8s');
    const commits = await stage.commits('run');
    expect(commits.map(({ messages }) => messages)).toEqual([
      ['request/start run'],
      ['wake/1/blocked'],
      ['wake/2/blocked'],
      ['wake/3/blocked'],
    ]);
    expect((await stage.events('run', 'RunBlocked')).map(({ tries }) => tries)).toEqual([1, 2, 3, 4]);
  });

  it('tries come at most a minute apart in the first hour', async () => {
    await stage.connect(
      'owner',
      breakDecisions((runs) => runs.length > 0),
    );
    await stage.start('run', 'one-job', 1);
    await stage.pass('59m');
    const times = (await stage.events('run', 'RunBlocked')).map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(61_000);
    expect(times.length).toBeGreaterThan(55);
  });

  it('every Wake that reaches a blocked run is a try, whatever the clock says', async () => {
    let broken = true;
    await stage.connect(
      'owner',
      breakDecisions((runs) => broken && runs.length > 0),
    );
    await stage.start('run', 'one-job', 1);
    broken = false;
    await stage.send({ type: 'Wake', run: 'run', version: 0, cause: 'watch' });
    expect(await stage.types('run')).toEqual(['RunStarted', 'RunBlocked', 'RunUnblocked', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
  });

  it('a try that replays is a commit with RunUnblocked, also when the code asks for nothing', async () => {
    let broken = true;
    await stage.connect(
      'owner',
      breakDecisions((runs) => broken && runs.length > 0),
    );
    await stage.start('run', 'listen', 1);
    broken = false;
    await stage.pass('2s');
    expect((await stage.commits('run'))[1]).toMatchObject({
      messages: ['wake/1/blocked'],
      decided: true,
      events: [{ type: 'RunUnblocked' }],
    });
  });

  it('code that disagrees with the history blocks its run with both sides shown', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = () => new Promise(() => undefined);
    await stage.start('run', 'two-jobs');
    await stage.deploy(nextDesk, { deployment: 'one', order: 1 });
    await stage.send({ type: 'CompleteJob', run: 'run', requestId: 'complete', job: 2, output: payload({ did: 'x' }) });
    const [blocked] = await stage.events('run', 'RunBlocked');
    expect(blocked?.failure).toMatchObject({ code: 'NON_DETERMINISTIC' });
    expect(blocked?.failure.message).toMatch(/"work".*"undo-work"/);
  });

  it('inputs of a blocked run are committed and acked without a decision', async () => {
    await stage.connect(
      'owner',
      breakDecisions((runs) => runs.length > 0),
    );
    await stage.start('run', 'listen', 1);
    const decisions = batches().length;
    await stage.signal('run', 'word', 'one', 'heard');
    expect((await stage.commits('run'))[1]).toMatchObject({
      messages: ['request/heard'],
      decided: false,
      events: [{ type: 'SignalReceived' }],
    });
    expect(batches()).toHaveLength(decisions);
  });

  it('inputs of a paused run are committed and acked without a decision, which comes when it is resumed', async () => {
    await stage.connect('owner');
    await stage.start('run', 'listen', 1);
    await stage.send({ type: 'Pause', run: 'run', requestId: 'pause' });
    await stage.signal('run', 'word', 'one', 'heard');
    await stage.pass('1s');
    expect(await stage.types('run')).toEqual(['RunStarted', 'RunPaused', 'SignalReceived']);
    expect(await stage.waiting('inbox')).toEqual([]);
    await stage.send({ type: 'Resume', run: 'run', requestId: 'resume' });
    expect(await stage.types('run')).toEqual(['RunStarted', 'RunPaused', 'SignalReceived', 'RunResumed', 'RunCompleted']);
  });

  it('a crashed batch is tried run by run: only the one that crashed alone is blocked', async () => {
    await stage.connect(
      'owner',
      breakDecisions((runs) => runs.includes('bad')),
    );
    await stage.send(...['good', 'bad', 'better'].map((run) => stage.draftStart(run, 'listen', 1)));
    expect(await Promise.all(['good', 'bad', 'better'].map((run) => stage.types(run)))).toEqual([
      ['RunStarted'],
      ['RunStarted', 'RunBlocked'],
      ['RunStarted'],
    ]);
  });

  it('a run that failed alone is decided alone until it succeeds', async () => {
    let broken = true;
    const asked: (readonly string[])[] = [];
    await stage.connect(
      'owner',
      breakDecisions((runs) => {
        if (runs.length > 0) asked.push(runs);
        return broken && runs.includes('bad');
      }),
    );
    await stage.send(...['good', 'bad'].map((run) => stage.draftStart(run, 'talk', 9)));
    broken = false;
    asked.length = 0;
    const words = (requestId: string) =>
      ['good', 'bad'].map((run) => ({ type: 'Signal' as const, run, signal: 'word', value: payload('x'), requestId }));
    await stage.send({ type: 'Wake', run: 'bad', version: 0, cause: 'watch' }, ...words('1').slice(0, 1));
    expect(asked).toHaveLength(2);
    expect(asked).toEqual(expect.arrayContaining([['bad'], ['good']]));
    asked.length = 0;
    await stage.send(...words('2'));
    expect(asked).toEqual([['good', 'bad']]);
  });

  it("only the workflow's own thrown error fails a run, with its code and message", async () => {
    await stage.connect('owner');
    await stage.start('run', 'failing');
    expect(await stage.events('run', 'RunFailed')).toMatchObject([{ cause: 3, failure: { code: 'CANNOT_BE', message: 'this cannot be' } }]);
  });

  it('code that never comes to rest blocks its run alone, and others of the batch are decided', () => {
    const spinning = `${desk.source};{
      const { open, deliver, ...runtime } = globalThis.starquakeRuntime;
      let spins = false;
      globalThis.starquakeRuntime = {
        ...runtime,
        open: (text) => { spins = text.includes('spin'); return open(text); },
        deliver: () => { while (spins); deliver(); },
      };
    }`;
    const decider = createDecider({ source: spinning, makeRealm: makeVmRealm, limitMs: 700 });
    const write = (run: string): string =>
      JSON.stringify({
        run,
        app: 'desk',
        workflow: 'listen',
        commitId: run,
        nextNumber: 2,
        decidedUpTo: 0,
        events: [{ ...runStarted({ input: payload(1) }), number: 1, at: 0 }],
      });
    const answers = decider
      .decide({ v: 1, now: 0, links: {}, runs: ['before', 'spin', 'after'].map(write) })
      .runs.map((text) => runDecisionSchema.parse(JSON.parse(text)));
    expect(answers).toMatchObject([{ kind: 'decided' }, { kind: 'blocked', failure: { code: 'DECISION_TIMED_OUT' } }, { kind: 'decided' }]);
  });

  it('a decision answers at most 1,000 commands; the rest comes with the next', async () => {
    await stage.connect('owner');
    stage.jobs['work'] = () => new Promise(() => undefined);
    await stage.start('run', 'fan-out', 1001);
    const commits = await stage.commits('run');
    expect(commits.map(({ events, more }) => [events.filter(({ type }) => type === 'JobScheduled').length, more])).toEqual([
      [1000, true],
      [1, false],
    ]);
  });

  it('a batch is bounded by characters', async () => {
    await stage.connect('owner', {}, { decisionBatchCharacters: 1000 });
    await stage.send(...['a', 'b', 'c', 'd'].map((run) => stage.draftStart(run, 'listen', 1, { traceparent: 'x'.repeat(300) })));
    expect(batches().length).toBeGreaterThan(1);
    expect(batches().flat().toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });
});
