// What is left of a claim whose process was killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 30_000 };
const attempt = { run: 'r', epoch: 0, job: 2, generation: 1, number: 1, now: 1000, leaseUntil: 41_000 };

it('the lease of a process that is gone keeps no attempt waiting; what it had finished stays finished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-claim-'));
  const open = (): Promise<EmbeddedStore> => openEmbeddedStore({ folder, clock: makeVirtualClock(), report: () => undefined });
  const before = await open();
  await before.runs.claim({ ...attempt, claimant: 'a' }, CALL);
  await before.runs.claim({ ...attempt, job: 3, claimant: 'a' }, CALL);
  await before.runs.finishClaim({ ...attempt, job: 3, claimant: 'a' }, CALL);
  expect(await before.runs.claim({ ...attempt, claimant: 'b' }, CALL)).toMatchObject({ kind: 'refused', standing: { claimant: 'a' } });
  await before.close();

  const after = await open();
  expect(await after.runs.readClaim(attempt, CALL)).toMatchObject({ claimant: 'a', leaseUntil: attempt.leaseUntil });
  expect(await after.runs.claim({ ...attempt, claimant: 'b' }, CALL)).toEqual({ kind: 'granted' });
  expect(await after.runs.claim({ ...attempt, claimant: 'c' }, CALL)).toMatchObject({ kind: 'refused', standing: { claimant: 'b' } });
  expect(await after.runs.claim({ ...attempt, job: 3, claimant: 'b' }, CALL)).toMatchObject({
    kind: 'refused',
    standing: { finished: true },
  });
  await after.close();
  await rm(folder, { recursive: true });
});
