// Composes bus, run store, timer store, payload store and registry over one data folder, or over none.
import { join, resolve } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import type { Registry } from '../../ports/registry.ts';
import { EmbeddedBus } from './bus/embedded-bus.ts';
import { EmbeddedPayloadStore } from './payloads/embedded-payload-store.ts';
import { EmbeddedRegistry } from './registry/embedded-registry.ts';
import { EmbeddedRunStore } from './runs/embedded-run-store.ts';
import { EmbeddedTimerStore } from './timers/embedded-timer-store.ts';
import type { FileLayer } from './files/file-layer.ts';
import { RECORD } from './journal/journal-format.ts';
import { Journal } from './journal/journal.ts';
import { makeMemoryFileLayer } from './files/memory-file-layer.ts';
import { MemoryPayloadStore } from './payloads/memory-payload-store.ts';
import { MemoryRegistry } from './registry/memory-registry.ts';
import { makeNodeFileLayer } from './files/node-file-layer.ts';
import { SegmentCleaner, type RecordOwner } from './journal/segment-cleaner.ts';

/** How to open the embedded store: with a `folder`, or with `memory`. */
export interface EmbeddedStoreOptions {
  /** The data folder; made when it is not there. */
  readonly folder?: string;
  /** Keeps everything in memory and nothing on disk: for tests. */
  readonly memory?: true;
  readonly clock: Clock;
  /** Says what went wrong and is being dealt with. */
  readonly report: (error: unknown, doing: string) => void;
  /** Another file layer than this machine's disk. */
  readonly fileLayer?: FileLayer;
  /** A journal segment that has reached this many bytes is closed; 64 MiB unless given. */
  readonly segmentBytes?: number;
  /** The journal is not cleaned below this size; 256 MiB unless given. */
  readonly journalKeepBytes?: number;
  /** Bytes of unacked messages that are held in memory; 256 MiB unless given. */
  readonly contentLimitBytes?: number;
}

/** What the store has done since it was opened, and what it holds. */
export interface EmbeddedStoreStats {
  readonly records: number;
  readonly writes: number;
  readonly syncs: number;
  readonly bytes: number;
  readonly messages: number;
  readonly journalBytes: number;
  readonly liveBytes: number;
  readonly runs: number;
  readonly timers: number;
  readonly segmentsCleaned: number;
}

/** The open store: adapters of five ports on one durable log. */
export interface EmbeddedStore {
  readonly bus: EmbeddedBus;
  readonly runs: EmbeddedRunStore;
  readonly timers: EmbeddedTimerStore;
  readonly payloads: PayloadStore;
  readonly registry: Registry;
  stats(): EmbeddedStoreStats;
  /** Writes what is left and lets go of the folder. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Opens the embedded store.
 *
 * @throws DATA_IN_USE when another process has the folder
 * @throws DATA_CORRUPT when a record that had been synced cannot be read
 * @example
 * const store = await openEmbeddedStore({ folder: '.starquake', clock: systemClock, report: console.error });
 * await store.bus.declareTopics([topics.inbox], { timeoutMs: 5000 });
 */
export const openEmbeddedStore = async (options: EmbeddedStoreOptions): Promise<EmbeddedStore> => {
  const inMemory = options.folder === undefined;
  const layer = options.fileLayer ?? (inMemory ? makeMemoryFileLayer() : makeNodeFileLayer());
  const folder = inMemory ? '/memory' : resolve(options.folder);
  await layer.makeFolder(folder);
  const unlock = await layer.lock(folder);
  try {
    return await openUnlocked(options, layer, folder, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
};

const openUnlocked = async (
  options: EmbeddedStoreOptions,
  layer: FileLayer,
  folder: string,
  unlock: () => Promise<void>,
): Promise<EmbeddedStore> => {
  const { clock, report } = options;
  const journal = new Journal({ layer, folder: join(folder, 'journal'), clock, segmentBytes: options.segmentBytes ?? 64 * MEBIBYTE });
  const bus = new EmbeddedBus({
    journal,
    layer,
    retainedFolder: join(folder, 'retained'),
    clock,
    report,
    contentLimit: options.contentLimitBytes ?? 256 * MEBIBYTE,
  });
  const runs = new EmbeddedRunStore(journal);
  const timers = new EmbeddedTimerStore(journal);
  const replay = bus.makeReplay();
  await journal.open((type, payload, placed) => {
    if (!replay.replay(type, payload, placed) && !runs.replay(type, payload, placed)) timers.replay(type, payload, placed);
  }, report);
  bus.restore(replay);
  const cleaner = new SegmentCleaner({
    journal,
    layer,
    owner: makeOwner(bus, runs, timers),
    report,
    keepBytes: options.journalKeepBytes ?? 256 * MEBIBYTE,
  });
  journal.attach({ addState: () => bus.recordAll(), completeGroup: () => bus.recordAcks(), groupWritten: () => cleaner.check() });
  const { payloads, registry, closeRegistry } = await openFolders(options, layer, folder);
  return {
    bus,
    runs,
    timers,
    payloads,
    registry,
    stats: () => ({
      ...journal.counts,
      messages: bus.published,
      journalBytes: journal.bytes,
      liveBytes: journal.liveBytes,
      runs: runs.runs,
      timers: timers.size,
      segmentsCleaned: cleaner.cleaned,
    }),
    close: async () => {
      closeRegistry();
      await cleaner.close();
      await journal.close();
      await bus.close();
      await unlock();
    },
  };
};

const makeOwner = (bus: EmbeddedBus, runs: EmbeddedRunStore, timers: EmbeddedTimerStore): RecordOwner => ({
  rescue: (type, bytes, placed) => {
    if (type === RECORD.message) bus.rescueMessage(bytes, placed);
    else if (type === RECORD.putTimer) timers.rescue(bytes, placed);
    else runs.rescue(type, bytes, placed);
  },
  completeRescue: (last) => bus.completeRescue(last),
});

interface OpenFolders {
  readonly payloads: PayloadStore;
  readonly registry: Registry;
  readonly closeRegistry: () => void;
}

const openFolders = async (
  { folder: given, clock, report }: EmbeddedStoreOptions,
  layer: FileLayer,
  folder: string,
): Promise<OpenFolders> => {
  if (given === undefined) return { payloads: new MemoryPayloadStore(), registry: new MemoryRegistry(), closeRegistry: () => undefined };
  const payloads = new EmbeddedPayloadStore(layer, join(folder, 'payloads'), join(folder, 'archive'));
  await payloads.open();
  const registry = new EmbeddedRegistry({ layer, folder: join(folder, 'manifests'), clock, report });
  return { payloads, registry, closeRegistry: () => registry.close() };
};
