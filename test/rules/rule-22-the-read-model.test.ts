// Proves rule 22: what the read side shows does not depend on how often, or in which order, it was told.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followHistory } from '../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../src/query/projection.ts';
import type { OutgoingMessage } from '../../src/ports/bus.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { fail, openStage, succeed, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const RUNS = ['saga', 'retried', 'parent', 'sleeper'];
let stage: Stage;
let told: readonly OutgoingMessage[];

/** A read side that is told these messages, in this order. */
const project = async (messages: readonly OutgoingMessage[]): Promise<Projection> => {
  const other = await openStage({ app: desk });
  const projection = createProjection(other.clock);
  const follower = await followHistory(other.ports.bus, projection, (error) => {
    throw error;
  });
  for (const message of messages) await other.publish([message]);
  await follower.stop();
  await other.close();
  return projection;
};

/** All that a row shows; where its commits are on the stream is nobody's business but the reader's. */
const show = (projection: Projection) => RUNS.map((run) => ({ ...projection.find(run), positions: [] }));

beforeEach(async () => {
  stage = await openStage({ app: desk });
  await stage.connect('owner');
  stage.jobs['work-once'] = () => fail();
  await stage.start('saga', 'saga');
  await stage.start('retried', 'job-of', 'work-once');
  stage.jobs['work-once'] = () => succeed('mended');
  await stage.send({ type: 'RetryRun', run: 'retried', requestId: 'retry' });
  await stage.start('parent', 'parent', 'one-job');
  await stage.start('sleeper', 'sleep-then-work', 60_000);
  await stage.pass('1s');
  told = ['history', 'usage'].flatMap((topic) => stage.published(topic));
});
afterEach(() => stage.close());

describe('Rule 22: the read model', () => {
  it('commits and ledger entries that come twice count once', async () => {
    expect(show(await project(told.flatMap((message) => [message, { ...message, again: true }])))).toEqual(show(await project(told)));
  });

  it('a whole history that is published again changes nothing', async () => {
    expect(show(await project([...told, ...told]))).toEqual(show(await project(told)));
  });

  it('commits that come in another order come to the same', async () => {
    expect(show(await project(told.toReversed()))).toEqual(show(await project(told)));
  });

  it('what it shows is what the histories say', async () => {
    const projection = await project(told);
    expect(RUNS.map((run) => projection.find(run)?.status)).toEqual(['failed', 'completed', 'completed', 'running']);
    expect(projection.find('sleeper')?.timers.size).toBe(1);
    expect(projection.find('retried')?.requests.get('retry')).toEqual({ kind: 'accepted' });
  });

  it('an attempt is one row, by run, job, generation and number, however often its end is told', async () => {
    const projection = await project([...told, ...told]);
    expect(projection.find('saga')?.attempts.size).toBeLessThanOrEqual(3);
    expect(projection.list({ limit: 100 }).rows).toHaveLength(5);
  });
});
