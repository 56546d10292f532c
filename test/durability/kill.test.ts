// Kills a whole engine again and again while it works: every run still finishes once, as it would have undisturbed.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/client/index.ts';
import { KillEngine } from './kill-engine.ts';
import { readNotes, waitForNotes, type Note } from './kill-notes.ts';
import { completeAll, planRuns, readResult, type EndedRun } from './kill-work.ts';
import { makeSeededRandom, type SeededRandom } from './seeded-random.ts';

const SEED = 1;
const KILLS = 10;
/** So many of the kills hit an engine that is on its way up. */
const EARLY_KILLS = 2;
/** The attempts that all runs make undisturbed, about. */
const ATTEMPTS = 700;
const LONGEST_START_MS = 700;

/** Kills by progress: when so many attempts have begun; two of the times, the next process is killed as well before it is up. */
const killByProgress = async (engine: KillEngine, random: SeededRandom, signal: AbortSignal): Promise<readonly number[]> => {
  const moments = Array.from({ length: KILLS - EARLY_KILLS }, () => random.integer(ATTEMPTS)).toSorted((a, b) => a - b);
  const recoveriesMs: number[] = [];
  for (const [index, moment] of moments.entries()) {
    await engine.up();
    await waitForNotes(engine.notes, moment, signal);
    await engine.kill();
    if (index < EARLY_KILLS) {
      await pause(random.integer(LONGEST_START_MS));
      await engine.kill();
    }
    const from = performance.now();
    await engine.up();
    recoveriesMs.push(Math.round(performance.now() - from));
  }
  return recoveriesMs;
};

const disturbed = async () => {
  const random = makeSeededRandom(SEED);
  const runs = planRuns(random);
  const engine = await KillEngine.start();
  const completed = new AbortController();
  try {
    const killing = killByProgress(engine, random, completed.signal);
    const ended = await completeAll(engine, runs);
    completed.abort();
    return { ended, recoveriesMs: await killing, notes: await readNotes(engine.notes) };
  } finally {
    await engine.remove();
  }
};

const undisturbed = async (): Promise<readonly EndedRun[]> => {
  const engine = await KillEngine.start();
  try {
    return await completeAll(engine, planRuns(makeSeededRandom(SEED)));
  } finally {
    await engine.remove();
  }
};

const nameAttempt = ({ key, number }: Note): string => `${key} ${number}`;
const numbersOf = (history: readonly HistoryEvent[], type: string, field: string): readonly unknown[] =>
  history.filter((event) => event.type === type).map((event) => event[field]);
const closings = ['RunCompleted', 'RunFailed', 'RunCanceled', 'RunTerminated', 'RunRefused'];
const jobEnds = ['JobSucceeded', 'JobFailed'];

describe(`200 runs, and ${KILLS} times SIGKILL`, () => {
  it('every run finishes once, with the same result; attempts are repeated by a kill only; no signal and no timer is lost', { timeout: 120_000 }, async () => {
    const { ended, recoveriesMs, notes } = await disturbed();
    expect(ended.map(readResult)).toEqual((await undisturbed()).map(readResult));

    for (const { runId, history } of ended) {
      expect(history.map(({ number }) => number), runId).toEqual(history.map((_, index) => index + 1));
      expect(history.filter(({ type }) => closings.includes(type)).length, runId).toBe(1);
      expect(history.at(-1)?.type, runId).toSatisfy((type) => closings.includes(String(type)));
      expect(numbersOf(history, 'TimerFired', 'timer'), runId).toEqual(numbersOf(history, 'TimerStarted', 'number'));
      const jobs = history.filter(({ type }) => jobEnds.includes(type)).map((event) => event['job']);
      expect(jobs, runId).toEqual(numbersOf(history, 'JobScheduled', 'number'));
    }

    const attempts = Map.groupBy(notes, nameAttempt);
    const histories = new Map(ended.map(({ runId, history }) => [runId, history]));
    for (const [name, copies] of attempts) {
      expect(new Set(copies.map(({ process }) => process)).size, `${name} ran twice in one process`).toBe(copies.length);
      for (const { run, key, at } of copies) {
        const job = Number(key.split('/').at(-1));
        const end = histories.get(run)?.find((event) => jobEnds.includes(event.type) && event['job'] === job);
        expect(at, `${name} began after its job had ended`).toBeLessThanOrEqual(end?.at ?? 0);
      }
    }
    const repeated = notes.length - attempts.size;
    console.log(JSON.stringify({ runs: ended.length, kills: KILLS, attempts: attempts.size, repeated, recoveriesMs }));
  });
});
