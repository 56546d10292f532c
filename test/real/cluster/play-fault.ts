// Plays one fault under load from beginning to end, and tells what it cost and what went wrong.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../support/cluster/start-cluster.ts';
import type { NodeProcess } from '../../support/connector-process/node-process.ts';
import type { Note } from '../../support/connector-process/notes.ts';
import type { Transport } from '../../support/connector-process/open-bus.ts';
import { openStage, type ProcessStage } from '../../support/connector-process/process-stage.ts';
import { examineAttempts } from './examine-attempts.ts';
import { findFaults, loadRuns } from './examine-runs.ts';
import { BOOKING_APP, ERRAND_APP, startLoad, type Load, type LoadSize } from './load.ts';

/** What a fault is inflicted on. */
export interface Scene {
  readonly cluster: Cluster;
  readonly stage: ProcessStage;
  readonly connectors: readonly NodeProcess[];
  readonly load: Load;
  /** Says that it happens now. */
  readonly strike: () => void;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** A fault. */
export interface Fault {
  readonly name: string;
  /** Connectors that run when it strikes. */
  readonly connectors: number;
  /** Bookings that have ended before; all are in flight otherwise. */
  readonly after: number;
  readonly size: LoadSize;
  /** A connector that is killed takes ledger entries with it that it had not published. */
  readonly losesEntries?: true;
  readonly inflict: (scene: Scene) => Promise<void>;
}

/** What it cost. */
export interface Figures {
  readonly fault: string;
  readonly transport: Transport;
  readonly runs: number;
  /** Bookings that had ended when it struck, and when it was over. */
  readonly endedBefore: number;
  readonly endedAfter: number;
  readonly attempts: number;
  readonly ledgerEntries: number;
  readonly repeatedAttempts: number;
  readonly retriedJobs: number;
  readonly redeliveries: Readonly<Record<string, number>>;
  readonly publishedAgain: number;
  readonly lostRaces: number;
  readonly firstEndSeconds: number;
  readonly longestGapSeconds: number;
  readonly totalSeconds: number;
}

/** What came of it. */
export interface PlayedFault {
  readonly figures: Figures;
  /** What is not as it should be; empty when all is well. */
  readonly wrong: readonly string[];
  /** What connectors reported, and how often. */
  readonly troubles: ReadonlyMap<string, number>;
}

const SECOND = 1000;
const round = (ms: number): number => Math.round(ms / 100) / 10;

const sumByTopic = (notes: readonly Note[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const note of notes)
    if (note.kind === 'redelivered') sums[note.topic.split('.')[0] ?? ''] = (sums[note.topic.split('.')[0] ?? ''] ?? 0) + note.count;
  return sums;
};

const sumTroubles = (notes: readonly Note[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const note of notes) {
    if (note.kind !== 'trouble') continue;
    const text = `${note.doing}: ${note.text}`.replaceAll(/"[^"]*"|\d+/g, '#').slice(0, 200);
    sums.set(text, (sums.get(text) ?? 0) + 1);
  }
  return sums;
};

/** Seconds after the fault until a booking ended, and the longest stretch after it in which none did. */
const measureRecovery = (ends: readonly number[], faultAt: number): { readonly first: number; readonly longest: number } => {
  const after = ends.filter((at) => at >= faultAt).sort((a, b) => a - b);
  const gaps = after.map((at, index) => at - (after[index - 1] ?? faultAt));
  return { first: round(gaps[0] ?? 0), longest: round(Math.max(0, ...gaps)) };
};

/** Plays it. @param name - of a namespace that was never used */
export const playFault = async (cluster: Cluster, transport: Transport, name: string, fault: Fault): Promise<PlayedFault> => {
  const stage = await openStage(cluster, transport, name, [BOOKING_APP, ERRAND_APP]);
  try {
    const connectors = await Promise.all(Array.from({ length: fault.connectors }, () => stage.addConnector()));
    const beganAt = Date.now();
    const load = await startLoad(stage, fault.size);
    await load.sendWord();
    await load.waitForBookings(fault.after);
    let [faultAt, endedBefore] = [Number.POSITIVE_INFINITY, 0];
    const strike = (): void => {
      faultAt = Math.min(faultAt, Date.now());
      endedBefore = load.bookingEnds.length;
    };
    await fault.inflict({ cluster, stage, connectors, load, strike, pause: (ms) => sleep(ms) });
    const endedAfter = load.bookingEnds.length;
    await load.stopRefilling();
    await load.sendWord();
    await load.waitForAll().catch(async (error: unknown) => {
      const troubles = [...sumTroubles(await stage.readNotes())].map(([text, count]) => `${count} x ${text}`);
      throw new Error(`${String(error)}\n${troubles.join('\n')}`);
    });
    const totalMs = Date.now() - beganAt;
    const notes = await stage.readNotes();
    const runs = await loadRuns(stage.store, [...load.bookingRuns, ...load.errandRuns]);
    const attempts = await examineAttempts(runs, notes, stage.bus, faultAt, fault.losesEntries === true);
    const { first, longest } = measureRecovery(load.bookingEnds, faultAt);
    const figures: Figures = {
      fault: fault.name,
      transport,
      runs: runs.length,
      endedBefore,
      endedAfter,
      attempts: notes.filter(({ kind }) => kind === 'invoked').length,
      ledgerEntries: attempts.entered,
      repeatedAttempts: attempts.repeated,
      retriedJobs: attempts.retried,
      redeliveries: sumByTopic(notes),
      publishedAgain: notes.reduce((sum, note) => sum + (note.kind === 'published-again' ? note.count : 0), 0),
      lostRaces: notes.filter(({ kind }) => kind === 'lost-race').length,
      firstEndSeconds: first,
      longestGapSeconds: longest,
      totalSeconds: Math.round(totalMs / SECOND),
    };
    return { figures, wrong: [...findFaults(runs, load, notes), ...attempts.wrong], troubles: sumTroubles(notes) };
  } finally {
    await stage.close();
  }
};
