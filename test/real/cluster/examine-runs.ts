// Looks at what the store has of each run after a fault: ended once, with the right result, nothing lost, nothing twice, nothing early.
import type { Commit } from '../../../src/protocol/commit.ts';
import type { RunEvent } from '../../../src/protocol/events.ts';
import type { Note } from '../../support/connector-process/notes.ts';
import type { RemoteStore } from '../../support/connector-process/remote-store.ts';
import { WORDS, type Load } from './load.ts';

/** A run as the store has it. */
export interface ExaminedRun {
  readonly run: string;
  readonly commits: readonly Commit[];
  readonly events: readonly RunEvent[];
}

const CALL = { timeoutMs: 30_000 };
const AT_ONCE = 50;

/** Loads runs from the store. */
export const loadRuns = async (store: RemoteStore, runs: readonly string[]): Promise<readonly ExaminedRun[]> => {
  const found: ExaminedRun[] = [];
  for (let from = 0; from < runs.length; from += AT_ONCE) {
    const part = runs.slice(from, from + AT_ONCE).map(async (run) => {
      const commits = await store.runs.load(run, CALL);
      return { run, commits, events: commits.flatMap(({ events }) => events) };
    });
    found.push(...(await Promise.all(part)));
  }
  return found;
};

const findOutput = (events: readonly RunEvent[]): unknown => {
  const end = events.find((event) => event.type === 'RunCompleted');
  return end?.output !== undefined && 'json' in end.output ? end.output.json : undefined;
};

const findWrongNumbers = ({ run, commits, events }: ExaminedRun): readonly string[] => [
  ...(commits.some(({ version }, index) => version !== index + 1)
    ? [`${run}: versions ${commits.map(({ version }) => version).join(' ')}`]
    : []),
  ...(events.some(({ number }, index) => number !== index + 1) ? [`${run}: event numbers do not rise by one`] : []),
];

const countBy = <T>(values: readonly T[], name: (value: T) => string | undefined): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) {
    const key = name(value);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
};

/** What answers what: each of these events is there once for each thing that it names. */
const nameAnswer = (event: RunEvent): string | undefined => {
  switch (event.type) {
    case 'RunStarted':
    case 'RunCompleted':
    case 'RunFailed':
      return event.type;
    case 'JobSucceeded':
    case 'JobFailed':
      return `the end of job ${event.job}`;
    case 'TimerFired':
      return `timer ${event.timer}`;
    case 'SignalReceived':
      return `signal ${event.requestId}`;
    default:
      return undefined;
  }
};

const findRepeatedEvents = ({ run, events }: ExaminedRun): readonly string[] =>
  [...countBy(events, nameAnswer)].filter(([, count]) => count > 1).map(([name, count]) => `${run}: ${name} ${count} times`);

const findWrongBooking = ({ run, events }: ExaminedRun): readonly string[] => {
  const output = JSON.stringify(findOutput(events));
  return output === JSON.stringify({ order: run, steps: ['pay', 'reserve', 'confirm'] }) ? [] : [`${run}: its result is ${output}`];
};

const findWrongErrand = ({ run, events }: ExaminedRun, naps: readonly number[]): readonly string[] => {
  const output = findOutput(events);
  const heard: unknown = typeof output === 'object' && output !== null && 'heard' in output ? output.heard : undefined;
  const slept: unknown = typeof output === 'object' && output !== null && 'slept' in output ? output.slept : undefined;
  const early = !Array.isArray(slept) || slept.length !== naps.length || naps.some((nap, index) => !(Number(slept[index]) >= nap));
  return JSON.stringify(heard) === JSON.stringify(WORDS) && !early ? [] : [`${run}: its result is ${JSON.stringify(output)}`];
};

const findEarlyTimers = (runs: readonly ExaminedRun[], notes: readonly Note[]): readonly string[] => {
  const dues = new Map(
    runs.flatMap(({ run, events }) =>
      events.flatMap((event) => (event.type === 'TimerStarted' ? [[`${run} ${event.number}`, event.dueAt] as const] : [])),
    ),
  );
  return notes.flatMap((note) => {
    if (note.kind !== 'fired') return [];
    const dueAt = dues.get(`${note.run} ${note.timer}`);
    return dueAt !== undefined && note.at < dueAt ? [`${note.run}: timer ${note.timer} fired ${dueAt - note.at} ms early`] : [];
  });
};

/** Everything that is not as it should be, in words. */
export const findFaults = (runs: readonly ExaminedRun[], load: Load, notes: readonly Note[]): readonly string[] => {
  const bookings = new Set(load.bookingRuns);
  return [
    ...runs.flatMap((run) => [
      ...findWrongNumbers(run),
      ...findRepeatedEvents(run),
      ...(bookings.has(run.run) ? findWrongBooking(run) : findWrongErrand(run, load.naps)),
    ]),
    ...findEarlyTimers(runs, notes),
  ];
};
