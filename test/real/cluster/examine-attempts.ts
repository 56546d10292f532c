// Counts how often each job was really invoked, and says which repetitions rule 12 does not explain.
import { z } from 'zod';
import { ledgerEntrySchema } from '../../../src/protocol/ledger-entry.ts';
import { topics } from '../../../src/protocol/topics.ts';
import type { Bus } from '../../../src/ports/bus.ts';
import type { Note } from '../../support/connector-process/notes.ts';
import type { ExaminedRun } from './examine-runs.ts';

/** What was found. */
export interface ExaminedAttempts {
  /** Invocations beyond the first of each job. */
  readonly repeated: number;
  /** Jobs that were given another attempt because one failed. */
  readonly retried: number;
  /** Ledger entries of attempts. */
  readonly entered: number;
  /** What rule 12 does not allow, in words. */
  readonly wrong: readonly string[];
}

/** A note, and who made it. */
export type ConnectorNote = Note & { readonly connector: string };

type Invoked = Extract<ConnectorNote, { kind: 'invoked' }>;

const CALL = { timeoutMs: 30_000 };
const BATCH = 500;
const LEDGER_TIMEOUT_MS = 20_000;
const LOOK_MS = 500;
const usageSchema = z.object({ entries: z.array(ledgerEntrySchema) });

const nameJob = ({ run, job }: { readonly run: string; readonly job: number }): string => `${run} ${job}`;

/** Entries of attempts on `usage`, each once. @returns how many there are of each job */
const readLedger = async (bus: Bus): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  const known = new Set<string>();
  for (let from = 0; ;) {
    const messages = await bus.readStream(topics.usage.name, 0, from, BATCH, CALL);
    const last = messages.at(-1);
    if (last === undefined) return counts;
    for (const { body } of messages) {
      for (const { attempt, requestId } of usageSchema.parse(JSON.parse(body)).entries) {
        if (attempt === undefined || known.has(requestId)) continue;
        known.add(requestId);
        counts.set(nameJob(attempt), (counts.get(nameJob(attempt)) ?? 0) + 1);
      }
    }
    from = last.position + 1;
  }
};

/** When the end of each job was in the store, as far as the one who put it there lived to note it. */
const findEnds = (notes: readonly ConnectorNote[]): ReadonlyMap<string, number> =>
  new Map(notes.flatMap((note) => (note.kind === 'ended' ? [[nameJob(note), note.at] as const] : [])));

/**
 * When a connector looked whether the run wants this attempt, before it claimed and invoked it; undefined where it did not: it took the
 * message for a new one.
 */
const findCheck = ({ connector, run, job, at }: Invoked, notes: readonly ConnectorNote[]): number | undefined => {
  const own = notes.filter((note) => note.connector === connector && note.at <= at);
  const claim = own.findLast((note) => note.kind === 'claiming' && note.run === run && note.job === job);
  if (claim === undefined) return undefined;
  return own.findLast((note) => note.kind === 'checked' && note.run === run && note.at <= claim.at)?.at;
};

/** A message of an attempt is taken for a new one until its commit is so old (rule 12). */
const FRESH_MS = 5000;

/** What was wrong with a repetition. */
const judgeRepetition = (first: Invoked, other: Invoked, endAt: number | undefined, notes: readonly ConnectorNote[]): readonly string[] => {
  const checkedAt = findCheck(other, notes);
  if (checkedAt !== undefined) {
    const late = endAt === undefined ? 0 : checkedAt - endAt;
    return late > 0 ? [`looked up ${late} ms after its end was in the store, and begun`] : [];
  }
  // Pulsar gives what a consumer had that is gone to another one without marking it: then, and only while it is young, nobody looks.
  const age = other.at - first.at;
  return age <= FRESH_MS ? [] : [`begun again after ${age} ms without a look at the store`];
};

/**
 * Judges the invocations of one job: it may be repeated under one key only, only after the fault, and only if its end was not in
 * the store when that was looked up; unlooked only while it was young enough to be taken for new.
 */
const judge = (
  name: string,
  [first, ...others]: readonly Invoked[],
  endAt: number | undefined,
  faultAt: number,
  notes: readonly ConnectorNote[],
): readonly string[] => {
  if (first === undefined || others.length === 0) return [];
  const faults: string[] = [];
  if (others.some(({ key }) => key !== first.key)) faults.push('invoked under several keys');
  if (endAt !== undefined && endAt < faultAt) faults.push('repeated though its end was in the store before the fault');
  for (const other of others) {
    if (other.at < faultAt) faults.push(`repeated ${faultAt - other.at} ms before the fault`);
    faults.push(...judgeRepetition(first, other, endAt, notes));
  }
  return faults.map((fault) => `${name}: ${fault}`);
};

/** Reads the ledger until it has an entry of every attempt that was answered, which its meters publish a moment later. */
const awaitLedger = async (bus: Bus, answered: number): Promise<ReadonlyMap<string, number>> => {
  const deadline = performance.now() + LEDGER_TIMEOUT_MS;
  for (;;) {
    const ledger = await readLedger(bus);
    if (sum(ledger) >= answered || performance.now() > deadline) return ledger;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((total, count) => total + count, 0);

/**
 * Examines all attempts.
 *
 * @param faultAt - milliseconds since the epoch
 * @param mayLoseEntries - a connector was killed with entries in hand
 */
export const examineAttempts = async (
  runs: readonly ExaminedRun[],
  notes: readonly ConnectorNote[],
  bus: Bus,
  faultAt: number,
  mayLoseEntries: boolean,
): Promise<ExaminedAttempts> => {
  const invocations = notes.filter((note) => note.kind === 'invoked').sort((a, b) => a.at - b.at);
  const answered = notes.filter(({ kind }) => kind === 'answered').length;
  const byJob = Map.groupBy(invocations, nameJob);
  const ends = findEnds(notes);
  const ledger = await (mayLoseEntries ? readLedger(bus) : awaitLedger(bus, answered));
  const entered = sum(ledger);
  const wrong = [
    ...runs.flatMap(({ run, events }) =>
      events
        .filter((event) => event.type === 'JobSucceeded')
        .map(({ job }) => nameJob({ run, job }))
        .filter((name) => !byJob.has(name))
        .map((name) => `${name}: ended and was never invoked`),
    ),
    ...[...ledger]
      .filter(([name, count]) => count > (byJob.get(name)?.length ?? 0))
      .map(([name]) => `${name}: more ledger entries than invocations`),
    ...(!mayLoseEntries && entered < answered ? [`${answered} attempts were answered, and ${entered} are in the ledger`] : []),
    ...[...byJob].flatMap(([name, group]) => judge(name, group, ends.get(name), faultAt, notes)),
  ];
  return {
    repeated: invocations.length - byJob.size,
    retried: [...byJob.values()].filter((group) => group.some(({ number }) => number > 1)).length,
    entered,
    wrong,
  };
};
