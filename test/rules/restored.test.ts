// Proves that after a restore nothing counts that commits said which are lost: the epoch is raised, and what is of an older one is looked up.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
/** Runs of before the restore stand; these are lost. */
const lost = { run: 'parent', version: 9, epoch: 0, commit: 'lost' };
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
  const before = await stage.connect('before');
  stage.jobs['work-once'] = () => ({ kind: 'later', timeoutMs: 86_400_000 });
  await stage.start('parent', 'job-of', 'work-once');
  await before.stop();
  await stage.connect('restored', {}, { epoch: 1 });
});
afterEach(() => stage.close());

const nameCommit = async () => {
  const [commit] = await stage.commits('parent');
  return { run: 'parent', version: 1, epoch: 0, commit: commit?.id ?? '' };
};

describe('after a restore', () => {
  it('a child that was asked for by a commit that is lost is not started; one of a commit that stands is', async () => {
    await stage.send(stage.draftStart('of the lost', 'one-job', 1, { origin: lost }));
    await stage.send(stage.draftStart('of another', 'one-job', 1, { origin: { ...(await nameCommit()), commit: 'another' } }));
    await stage.send(stage.draftStart('of what stands', 'one-job', 1, { origin: await nameCommit() }));
    expect([await stage.types('of the lost'), await stage.types('of another')]).toEqual([[], []]);
    expect(await stage.types('of what stands')).toContain('RunCompleted');
  });

  it('a cancel that a lost commit asked for cancels nothing', async () => {
    await stage.send({ type: 'Cancel', run: 'parent', requestId: '0/gone/4/1/Cancel', reason: 'lost', origin: lost });
    expect(await stage.types('parent')).not.toContain('CancelRequested');
  });

  it('an attempt of a job that is lost is not run in place of the one that has its number now', async () => {
    await stage.start('next', 'job-of', 'work-once');
    const attempt = stage.attempts.at(-1)?.attempt;
    expect(attempt).toMatchObject({ run: 'next', epoch: 1 });
    const copy = { topic: 'jobs.desk.work-once', key: 'next', id: 'copy', again: true };
    await stage.publish([{ ...copy, body: JSON.stringify({ ...attempt, epoch: 0 }) }]);
    expect(stage.attempts.at(-1)?.attempt).toEqual(attempt);
    expect(stage.attempts.filter(({ attempt: { run } }) => run === 'next')).toHaveLength(1);
  });

  it('what was sent since counts unlooked', async () => {
    await stage.send(stage.draftStart('new', 'one-job', 1, { origin: { ...lost, epoch: 1 } }));
    expect(await stage.types('new')).toContain('RunCompleted');
  });
});
