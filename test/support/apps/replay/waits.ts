// Workflows that wait for signals, timers and children, and that undo what they did.
import { ChildFailedError, cron, next, signal, workflow } from 'starquake';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { undoWork, work, workOnce } from '../desk/jobs.ts';

const word = signal<string>('word');

/** A schema that only lets short texts through. */
const short: StandardSchemaV1<unknown, string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' && value.length < 5 ? { value: value.toUpperCase() } : { issues: [{ message: 'is too long' }] },
  },
};
const checked = signal('checked', short);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'nothing');

export const receiveAll = workflow({
  name: 'receive-all',
  async run(count: number, flow) {
    const words: string[] = [];
    for (let heard = 0; heard < count; heard++) words.push(await flow.receive(word));
    return words;
  },
});

/** Works first, so that signals come early. */
export const receiveLate = workflow({
  name: 'receive-late',
  async run(_input: unknown, flow) {
    await flow.run(work, 'first');
    return [await flow.receive(word), await flow.receive(word)];
  },
});

export const receiveInTime = workflow({
  name: 'receive-in-time',
  async run(_input: unknown, flow) {
    const first = await flow.receive(word, { timeout: '10s' });
    const second = await flow.receive(word, { timeout: '10s' });
    return [first ?? 'nobody', second ?? 'nobody'];
  },
});

export const receiveChecked = workflow({
  name: 'receive-checked',
  async run(_input: unknown, flow) {
    const heard: string[] = [];
    for (let tries = 0; tries < 2; tries++) {
      try {
        heard.push(await flow.receive(checked));
      } catch (error) {
        heard.push(error instanceof Error && 'code' in error ? String(error.code) : '');
      }
    }
    return heard;
  },
});

/** Two wait for the same signal: the one that asked first gets it first. */
export const twoEars = workflow({
  name: 'two-ears',
  async run(_input: unknown, flow) {
    const [left, right] = await Promise.all([flow.receive(word), flow.receive(word)]);
    return { left, right };
  },
});

export const appointments = workflow({
  name: 'appointments',
  async run(_input: unknown, flow) {
    await flow.sleepUntil(next('monday', '09:00', 'Europe/Paris'));
    await flow.sleepUntil(cron('30 12 * * *', 'UTC'));
    await flow.sleepUntil(new Date(Date.UTC(2030, 0, 1)));
    await flow.sleepUntil(0);
    return flow.now();
  },
});

/** Three steps, each undone by a job of its own when `fail` says so. */
export const steps = workflow({
  name: 'steps',
  async run(fail: 'last' | 'never', flow) {
    await flow.run(work, 'one', { compensate: (done) => flow.run(undoWork, ['undo', done]) });
    await flow.run(work, 'two', { compensate: (done) => flow.run(undoWork, ['undo', done]) });
    flow.compensate(() => flow.run(undoWork, 'undo all'));
    if (fail === 'last') await flow.run(workOnce, 'three');
    return 'done';
  },
});

/** A job that is to be undone is under way while another fails. */
export const stepsAtOnce = workflow({
  name: 'steps-at-once',
  run: (_input: unknown, flow) =>
    Promise.all([flow.run(workOnce, 'fails'), flow.run(work, 'slow', { compensate: (done) => flow.run(undoWork, ['undo', done]) })]),
});

/** Children: one awaited, one by its handle, one given up. */
export const family = workflow({
  name: 'family',
  async run(_input: unknown, flow) {
    const attached = flow.run(receiveAll, 1, { runId: 'attached', tags: { kind: 'attached' } });
    const detached = flow.start(receiveAll, 2);
    const unwanted = flow.start(receiveAll, 3);
    unwanted.cancel();
    const ends: unknown[] = [];
    try {
      ends.push(await attached);
    } catch (error) {
      ends.push(error instanceof ChildFailedError ? [error.outcome, error.code] : nameOf(error));
    }
    try {
      ends.push(await detached.result(), await detached.result());
    } catch (error) {
      ends.push(nameOf(error));
    }
    try {
      await unwanted.result();
    } catch (error) {
      ends.push(nameOf(error));
    }
    return [...ends, detached.runId];
  },
});

/** An attached child that is undone when the run fails. */
export const familySaga = workflow({
  name: 'family-saga',
  async run(_input: unknown, flow) {
    await flow.run(receiveAll, 1, { compensate: (words) => flow.run(undoWork, words) });
    await flow.run(workOnce, 'fails');
  },
});
