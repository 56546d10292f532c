// What the embedded run store does beyond the contract of every run store: it has one process, and knows when that is another one.
import { describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../../../src/adapters/embedded/embedded-store.ts';
import { makeMemoryFileLayer } from '../../../../../src/adapters/embedded/files/memory-file-layer.ts';
import type { ClaimRequest } from '../../../../../src/ports/run-store.ts';
import { makeVirtualClock } from '../../../../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 1000 };
const NOW = Date.UTC(2026, 0, 1);
const request: ClaimRequest = { run: 'r', epoch: 0, job: 4, generation: 1, number: 2, claimant: 'a', leaseUntil: NOW + 40_000, now: NOW };

describe('the embedded run store', () => {
  const fileLayer = makeMemoryFileLayer();
  const open = (): Promise<EmbeddedStore> =>
    openEmbeddedStore({ folder: '/data', fileLayer, clock: makeVirtualClock(), report: () => undefined });

  it('lets nobody wait for the lease of a process that is gone, and still refuses what comes too late', async () => {
    const before = await open();
    await before.runs.claim(request, CALL);
    await before.close();
    const store = await open();
    const { runs } = store;
    expect((await runs.claim({ ...request, number: 1, claimant: 'b' }, CALL)).kind).toBe('refused');
    expect((await runs.claim({ ...request, claimant: 'b' }, CALL)).kind).toBe('granted');
    expect((await runs.claim({ ...request, claimant: 'c' }, CALL)).kind).toBe('refused');
    await store.close();
  });
});
