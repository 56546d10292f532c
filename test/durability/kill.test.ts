// Kills a whole engine again and again while it works: every run still finishes once, as it would have undisturbed.
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/client/index.ts';
import { KillEngine } from './kill-engine.ts';
import { readNotes, waitForNotes, type Note } from './kill-notes.ts';
import { completeAll, planRuns, readResult, type EndedRun, type PlannedRun } from './kill-work.ts';
import { makeSeededRandom, type SeededRandom } from './seeded-random.ts';

const SEED = 1;
const KILLS = 10;
/** So many of the kills hit an engine that is on its way up. */
const EARLY_KILLS = 2;
const LONGEST_START_MS = 700;
/** The attempts that all runs make undisturbed, about. */
const ATTEMPTS = 700;

interface Outcome {
  readonly planned: ReadonlyMap<string, PlannedRun>;
  readonly ended: readonly EndedRun[];
  readonly notes: readonly Note[];
  /** From the start of a process to its readiness, in milliseconds. */
  readonly recoveriesMs: readonly number[];
  readonly startedAt: ReadonlyMap<number, number>;
}

/** Kills by progress: when so many attempts have begun; the first times, the next process is killed as well before it is up. */
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

/** Completes all runs on an engine of their own, which `disturb` may kill meanwhile. */
const complete = async (
  disturb: (engine: KillEngine, random: SeededRandom, signal: AbortSignal) => Promise<readonly number[]>,
): Promise<Outcome> => {
  const random = makeSeededRandom(SEED);
  const runs = planRuns(random);
  const engine = await KillEngine.start();
  const completed = new AbortController();
  try {
    const disturbing = disturb(engine, random, completed.signal);
    const ended = await completeAll(engine, runs);
    completed.abort();
    const planned = new Map(runs.map((run) => [run.runId, run]));
    return { planned, ended, recoveriesMs: await disturbing, notes: await readNotes(engine.notes), startedAt: engine.startedAt };
  } finally {
    await engine.remove();
  }
};

const CLOSINGS = ['RunCompleted', 'RunFailed', 'RunCanceled', 'RunTerminated', 'RunRefused'];
const JOB_ENDS = ['JobSucceeded', 'JobFailed'];
const read = (history: readonly HistoryEvent[], types: readonly string[], field: string): readonly unknown[] =>
  history.filter(({ type }) => types.includes(type)).map((event) => event[field]);

describe(`200 runs, and ${KILLS} times SIGKILL`, () => {
  let killed: Outcome;
  let undisturbed: Outcome;
  beforeAll(async () => {
    [killed, undisturbed] = await Promise.all([complete(killByProgress), complete(async () => [])]);
  }, 120_000);

  it('every run ends as it would have undisturbed', () => {
    expect(killed.ended.length).toBe(200);
    expect(killed.startedAt.size).toBe(KILLS + 1);
    expect(killed.ended.map(readResult)).toEqual(undisturbed.ended.map(readResult));
  });

  it('every run ends once, and nothing in its history is missing or there twice', () => {
    for (const { runId, history } of killed.ended) {
      const numbers = history.map(({ number }) => number);
      const closings = history.filter(({ type }) => CLOSINGS.includes(type));
      const jobs = read(history, ['JobScheduled'], 'number');
      expect({ runId, numbers, closings, ends: read(history, JOB_ENDS, 'job') }).toEqual({
        runId,
        numbers: numbers.map((_, index) => index + 1),
        closings: [history.at(-1)],
        ends: jobs,
      });
    }
  });

  it('no signal is lost or counted twice, and every timer fires once', () => {
    for (const { runId, history } of killed.ended) {
      const words = killed.planned.get(runId)?.words.map((word) => `${runId}/${word}`);
      expect(read(history, ['SignalReceived'], 'requestId')).toEqual(words);
      expect({ runId, fired: read(history, ['TimerFired'], 'timer') }).toEqual({ runId, fired: read(history, ['TimerStarted'], 'number') });
    }
  });

  it('an attempt is repeated by a kill only, and never once its job has ended', () => {
    const { notes, startedAt, recoveriesMs, ended } = killed;
    const attempts = Map.groupBy(notes, ({ key, number }) => `${key} ${number}`);
    const histories = new Map(ended.map(({ runId, history }) => [runId, history]));
    const endOf = ({ run, key }: Note): number | undefined => {
      const job = Number(key.split('/').at(-1));
      return histories.get(run)?.find((event) => JOB_ENDS.includes(event.type) && event['job'] === job)?.at;
    };
    const twiceInOneProcess = [...attempts.values()].filter((copies) => new Set(copies.map((copy) => copy.process)).size < copies.length);
    // What ended before a process began was there to be seen when that process claimed the attempt.
    const afterTheEnd = notes.filter((note) => (endOf(note) ?? 0) <= (startedAt.get(note.process) ?? 0));
    expect({ twiceInOneProcess, afterTheEnd }).toEqual({ twiceInOneProcess: [], afterTheEnd: [] });
    const counts = { runs: ended.length, kills: KILLS, attempts: attempts.size, repeated: notes.length - attempts.size, recoveriesMs };
    process.stdout.write(`${JSON.stringify(counts)}\n`);
  });
});
