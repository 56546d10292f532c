// What claims of every run store promise (rule 12): part of the run store suite.
import { expect, it } from 'vitest';
import type { ClaimRequest, RunStore } from '../../src/ports/run-store.ts';
import { CALL, makeName, type Harness } from './harness.ts';

const NOW = Date.UTC(2026, 0, 1);
const LEASE_MS = 40_000;

const makeRequest = (more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  run: makeName('run'),
  epoch: 0,
  job: 4,
  generation: 1,
  number: 1,
  claimant: 'a',
  leaseUntil: NOW + LEASE_MS,
  now: NOW,
  ...more,
});

const GRANTED = { kind: 'granted' };

const describeGrants = (use: () => Harness<RunStore>): void => {
  it('the first claim is granted, and stands', async () => {
    const { port } = use();
    const request = makeRequest();
    expect(await port.readClaim(request, CALL)).toBeUndefined();
    expect(await port.claim(request, CALL)).toEqual(GRANTED);
    const { generation, number, claimant, leaseUntil } = request;
    expect(await port.readClaim(request, CALL)).toEqual({ generation, number, claimant, leaseUntil, finished: false });
  });

  it('of sixteen racing claims one is granted, the others see it', async () => {
    const { port } = use();
    const request = makeRequest();
    const racers = Array.from({ length: 16 }, (_, index) => ({ ...request, claimant: `racer-${index}` }));
    const outcomes = await Promise.all(racers.map((racer) => port.claim(racer, CALL)));
    const winner = racers[outcomes.findIndex(({ kind }) => kind === 'granted')]?.claimant;
    expect(outcomes.filter(({ kind }) => kind === 'granted').length).toBe(1);
    const standing = outcomes.filter((outcome) => outcome.kind === 'refused').map((outcome) => outcome.standing.claimant);
    expect(standing).toEqual(Array.from({ length: 15 }, () => winner));
  });

  it('a claimant whose answer was lost asks again and is granted', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    expect(await port.claim({ ...request, now: NOW + 1000, leaseUntil: NOW + 1000 + LEASE_MS }, CALL)).toEqual(GRANTED);
    expect((await port.readClaim(request, CALL))?.leaseUntil).toBe(NOW + 1000 + LEASE_MS);
  });

  it('another is refused while the lease lives, and granted once it has ended', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    const standing = await port.readClaim(request, CALL);
    const other = { ...request, claimant: 'b' };
    expect(await port.claim({ ...other, now: NOW + LEASE_MS - 1 }, CALL)).toEqual({ kind: 'refused', standing });
    expect(await port.claim({ ...other, now: NOW + LEASE_MS, leaseUntil: NOW + 2 * LEASE_MS }, CALL)).toEqual(GRANTED);
    expect((await port.readClaim(request, CALL))?.claimant).toBe('b');
  });

  it('a later attempt waits for the lease of an earlier one, unless that is finished', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    const next = { ...request, claimant: 'b', number: 2 };
    expect((await port.claim(next, CALL)).kind).toBe('refused');
    await port.finishClaim(request, CALL);
    expect(await port.claim(next, CALL)).toEqual(GRANTED);
  });

  it('a lower attempt is refused, whatever became of the lease', async () => {
    const { port } = use();
    const request = makeRequest({ generation: 2, number: 3 });
    await port.claim(request, CALL);
    const late = NOW + 10 * LEASE_MS;
    for (const lower of [
      { generation: 2, number: 2 },
      { generation: 1, number: 9 },
    ]) {
      expect((await port.claim({ ...request, ...lower, claimant: 'b', now: late }, CALL)).kind).toBe('refused');
    }
    expect(await port.claim({ ...request, generation: 3, number: 1, claimant: 'b', now: late, leaseUntil: late + LEASE_MS }, CALL)).toEqual(
      GRANTED,
    );
  });

  it('a finished attempt is refused to everybody', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    expect(await port.finishClaim(request, CALL)).toBe(true);
    const late = NOW + 10 * LEASE_MS;
    for (const claimant of ['a', 'b']) {
      const outcome = await port.claim({ ...request, claimant, now: late, leaseUntil: late + LEASE_MS }, CALL);
      expect(outcome).toMatchObject({ kind: 'refused', standing: { finished: true, claimant: 'a' } });
    }
  });
};

const describeFinishing = (use: () => Harness<RunStore>): void => {
  it('finishing twice is harmless', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    expect(await port.finishClaim(request, CALL)).toBe(true);
    expect(await port.finishClaim(request, CALL)).toBe(true);
  });

  it("a claim is not finished by another attempt's answer, nor by another claimant's", async () => {
    const { port } = use();
    const request = makeRequest({ number: 2 });
    expect(await port.finishClaim(request, CALL)).toBe(false);
    await port.claim(request, CALL);
    for (const other of [{ number: 1 }, { number: 3 }, { generation: 2 }, { claimant: 'b' }]) {
      expect(await port.finishClaim({ ...request, ...other }, CALL)).toBe(false);
    }
    expect(await port.readClaim(request, CALL)).toMatchObject({ finished: false, claimant: 'a', number: 2 });
  });

  it('a claim taken over after its lease is not finished by the one before', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    await port.claim({ ...request, claimant: 'b', now: NOW + LEASE_MS, leaseUntil: NOW + 2 * LEASE_MS }, CALL);
    expect(await port.finishClaim(request, CALL)).toBe(false);
    expect(await port.finishClaim({ ...request, claimant: 'b' }, CALL)).toBe(true);
  });

  it('claims of other jobs, epochs and runs are others', async () => {
    const { port } = use();
    const request = makeRequest();
    await port.claim(request, CALL);
    for (const other of [{ job: 5 }, { epoch: 1 }, { run: makeName('run') }]) {
      expect(await port.claim({ ...request, ...other, claimant: 'b' }, CALL)).toEqual(GRANTED);
    }
    expect((await port.readClaim(request, CALL))?.claimant).toBe('a');
  });

  it('a claim stands when the store is opened again, finished or not', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const open = makeRequest();
    const finished = makeRequest();
    await harness.port.claim(open, CALL);
    await harness.port.claim(finished, CALL);
    await harness.port.finishClaim(finished, CALL);
    await harness.reopen();
    expect(await harness.port.readClaim(open, CALL)).toMatchObject({ claimant: 'a', finished: false });
    expect(await harness.port.claim({ ...finished, claimant: 'b' }, CALL)).toMatchObject({ kind: 'refused', standing: { finished: true } });
    expect(await harness.port.finishClaim(open, CALL)).toBe(true);
    expect(await harness.port.readClaim(finished, CALL)).toMatchObject({ finished: true });
  });
};

/** The claims' part of the run store suite. */
export const describeClaims = (use: () => Harness<RunStore>): void => {
  describeGrants(use);
  describeFinishing(use);
};
