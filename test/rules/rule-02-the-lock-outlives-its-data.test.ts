// Proves rule 2: an old version stays taken, an old copy appends nothing, a tombstone outlives what it stands for.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, readBody, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const CALL = { timeoutMs: 1000 };
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk, settings: { completedRetentionMs: 60_000, moverIntervalMs: 600_000 } });
});
afterEach(() => stage.close());

/** Appends at a version what a process would that has slept since. */
const appendLate = async (run: string, version: number): Promise<string> => {
  const [first] = await stage.commits(run);
  if (!first) throw new Error(`nothing is known of ${run}`);
  const late = { ...first, version, id: 'late' };
  return stage.ports.runs.append(late, JSON.stringify(late), CALL);
};

describe('Rule 2: the lock outlives its data', () => {
  it('an archived run refuses an append at each of its old versions for a day, and at its last one for ever', async () => {
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    await stage.pass('10m');
    expect(await stage.types('run')).toEqual(['RunArchived']);
    expect(await Promise.all([1, 2, 3].map((version) => appendLate('run', version)))).toEqual(['conflict', 'conflict', 'conflict']);
    await stage.pass('23h');
    expect(await appendLate('run', 1)).toBe('conflict');
    await stage.pass('3h');
    expect(await stage.commits('run')).toMatchObject([{ version: 3, summary: { status: 'archived' } }]);
    expect(await appendLate('run', 3)).toBe('conflict');
  });

  it('the versions below a tombstone go a day after it was made', async () => {
    const owner = await stage.connect('owner');
    const pruned: number[] = [];
    const prune = stage.ports.runs.prune.bind(stage.ports.runs);
    stage.ports.runs.prune = (run, below, now, options) => {
      pruned.push(below);
      return prune(run, below, now, options);
    };
    await stage.start('run', 'one-job', 1);
    await stage.pass('24h');
    expect(pruned).toEqual([]);
    await stage.pass('3h');
    expect(pruned).toEqual([3]);
    await owner.stop();
  });

  it('nothing is appended from a copy that was loaded or appended more than an hour ago: the run is loaded again', async () => {
    await stage.connect('owner');
    await stage.start('run', 'listen', 3);
    await stage.pass('50m');
    await stage.signal('run', 'word', 'from the copy');
    expect(stage.stepsOf('load')).toHaveLength(1);
    await stage.pass('59m');
    await stage.signal('run', 'word', 'the append kept it young');
    expect(stage.stepsOf('load')).toHaveLength(1);
    await stage.pass('61m');
    await stage.signal('run', 'word', 'too old');
    expect(stage.stepsOf('load')).toHaveLength(2);
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('a decision that took until its copy was too old is not appended', async () => {
    let slow = true;
    const owner = await stage.connect('owner', {}, { copyAgeMs: 1000, decisionTimeoutMs: 60_000 });
    owner.hooks.invoke = async (_name, _payload, proceed) => {
      if (!slow) return proceed();
      slow = false;
      await new Promise<void>((resolve) => stage.clock.setTimer(stage.clock.now() + 5000, resolve));
      return proceed();
    };
    await stage.start('run', 'one-job', 1);
    await stage.pass('4s');
    expect(stage.stepsOf('append')).toEqual([]);
    await stage.pass('10s');
    expect(stage.stepsOf('load').length).toBeGreaterThan(1);
    expect(await stage.types('run')).toEqual(['RunStarted', 'JobScheduled', 'JobSucceeded', 'RunCompleted']);
  });

  it('archiving is a commit: the archive is written first, then RunArchived is appended, caused by Archive', async () => {
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    const commits = await stage.commits('run');
    await stage.pass('10m');
    const kinds = stage.steps.flatMap((step) =>
      step.kind === 'archive' || (step.kind === 'append' && step.commit.version === 3) ? [step.kind] : [],
    );
    expect(kinds).toEqual(['archive', 'append']);
    expect(await stage.commits('run')).toMatchObject([
      { version: 3, messages: ['archive/4'], events: [{ type: 'RunArchived', number: 5, outcome: 'completed' }] },
    ]);
    const [archive] = stage.stepsOf('archive');
    expect(JSON.parse(await stage.ports.payloads.getArchive(archive?.name ?? '', CALL))).toEqual({ run: 'run', commits });
  });

  it('the id of an archived run is never used again: a start with another input is refused, and nothing is committed', async () => {
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    await stage.pass('30h');
    await stage.start('run', 'one-job', 2, { requestId: 'another' });
    await stage.pass('1s');
    expect(await stage.types('run')).toEqual(['RunArchived']);
    const refusals = stage.published('history').filter(({ body }) => body.includes('starquake.refusal'));
    expect(refusals.map(readBody)).toMatchObject([{ data: { run: 'run', requestId: 'another', code: 'RUN_EXISTS' } }]);
    expect(await stage.waiting('inbox')).toEqual([]);
  });
});
