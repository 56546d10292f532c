// Proves rule 19: closed runs are archived when their retention is over, and not before.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { fail, openStage, succeed, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const DAY_MS = 86_400_000;
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk, settings: { moverIntervalMs: 3_600_000 } });
});
afterEach(() => stage.close());

/** When the archiving of a run was put for, counted from now. */
const archiveDue = (run: string) =>
  stage
    .stepsOf('put')
    .flatMap(({ dues }) => dues.filter(({ id }) => id.startsWith(`${run}/archive/`)).map(({ dueAt }) => dueAt - stage.clock.now()));

describe('Rule 19: closing', () => {
  it('a completed or canceled run is archived after a day, a failed one after 30', async () => {
    await stage.connect('owner');
    stage.jobs['work-once'] = () => fail();
    await stage.start('completed', 'one-job', 1);
    await stage.start('failed', 'job-of', 'work-once');
    await stage.start('canceled', 'listen', 1);
    await stage.send({ type: 'Cancel', run: 'canceled', requestId: 'cancel', reason: 'enough' });
    expect([archiveDue('completed'), archiveDue('canceled'), archiveDue('failed')]).toEqual([[DAY_MS], [DAY_MS], [30 * DAY_MS]]);
  });

  it('the retention is a setting', async () => {
    await stage.connect('owner', {}, { completedRetentionMs: 7 * DAY_MS });
    await stage.start('run', 'one-job', 1);
    expect(archiveDue('run')).toEqual([7 * DAY_MS]);
  });

  it('the time of archiving is kept in the timer store, and archives when it is due', async () => {
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    await stage.pass('22h');
    expect(await stage.types('run')).toContain('RunCompleted');
    await stage.pass('4h');
    expect(await stage.types('run')).toEqual(['RunArchived']);
  });

  it('a run that was reopened is not archived by the Archive of its first end', async () => {
    await stage.close();
    stage = await openStage({ app: desk, settings: { failedRetentionMs: 60_000 } });
    await stage.connect('owner');
    stage.jobs['work-once'] = () => fail();
    await stage.start('run', 'job-of', 'work-once');
    stage.jobs['work-once'] = () => ({ kind: 'later', timeoutMs: DAY_MS });
    await stage.send({ type: 'RetryRun', run: 'run', requestId: 'retry' });
    await stage.pass('5m');
    expect((await stage.commits('run')).at(-1)).toMatchObject({ summary: { status: 'running' } });
    expect((await stage.commits('run')).flatMap(({ messages }) => messages)).toContain('archive/4');
    await stage.send({ type: 'JobSucceeded', run: 'run', epoch: 0, job: 2, generation: 2, output: {}, attempt: 1 });
    expect((await stage.commits('run')).at(-1)).toMatchObject({ summary: { status: 'completed' } });
  });

  it('what asks an archived run for something is refused, and what tells it something is done with', async () => {
    await stage.close();
    stage = await openStage({ app: desk, settings: { completedRetentionMs: 1000 } });
    await stage.connect('owner');
    stage.jobs['work'] = () => succeed();
    await stage.start('run', 'one-job', 1);
    await stage.pass('5s');
    await stage.signal('run', 'word', 'late', 'signal');
    await stage.send({ type: 'RetryRun', run: 'run', requestId: 'retry' }, { type: 'TimerFired', run: 'run', epoch: 0, timer: 2 });
    await stage.pass('1s');
    const refused = stage
      .published('history')
      .flatMap(({ body }) =>
        body.includes('starquake.refusal') ? [(JSON.parse(body) as { data: { requestId: string; code: string } }).data] : [],
      );
    expect(refused.map(({ requestId, code }) => [requestId, code])).toEqual([
      ['signal', 'RUN_CLOSED'],
      ['retry', 'RUN_CLOSED'],
    ]);
    expect(await stage.waiting('inbox')).toEqual([]);
    expect(await stage.commits('run')).toHaveLength(1);
  });
});
