// Opens the embedded store for the contract suites, on disk and in memory.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Harness, OpenHarness } from './harness.ts';

/** Turns of the event loop in which everything that moves by itself has moved. */
const QUIET_TURNS = 20;

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Where the embedded store is opened. */
export type EmbeddedMode = 'disk' | 'memory';

/** How the suites open one adapter of the embedded store. */
export const openEmbedded =
  <P>(mode: EmbeddedMode, pick: (store: EmbeddedStore) => P): OpenHarness<P> =>
  async (): Promise<Harness<P>> => {
    const clock = makeVirtualClock();
    const folder = mode === 'disk' ? await mkdtemp(join(tmpdir(), 'starquake-contract-')) : undefined;
    const open = (): Promise<EmbeddedStore> =>
      openEmbeddedStore({
        ...(folder === undefined ? { memory: true } : { folder }),
        clock,
        report: () => undefined,
        segmentBytes: 4096,
        journalKeepBytes: 8192,
      });
    let store = await open();
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await open();
    };
    return {
      get port() {
        return pick(store);
      },
      clock,
      passTime: async (ms) => {
        clock.advance(ms);
        await quiet();
      },
      quiet,
      ...(mode === 'disk' ? { reopen } : {}),
      close: async () => {
        await store.close();
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      },
    };
  };
