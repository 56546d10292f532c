// Keys are asked for as seldom as can be, forgotten soon after they were erased, and relied on while the keyring is silent.
import { describe, expect, it } from 'vitest';
import { TenantKeys } from '../../../../src/adapters/sealed/tenant-keys.ts';
import type { TenantKey } from '../../../../src/ports/keyring.ts';
import { makeVirtualClock } from '../../../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 1000 };
const MINUTE_MS = 60_000;

const setUp = () => {
  const clock = makeVirtualClock();
  const ring: { key: TenantKey; fails: boolean; asked: number } = { key: new Uint8Array(32).fill(1), fails: false, asked: 0 };
  const reports: string[] = [];
  const keyring = {
    findKey: async (): Promise<TenantKey> => {
      ring.asked += 1;
      if (ring.fails) throw new Error('no keys today');
      return ring.key;
    },
    eraseKey: async () => undefined,
  };
  return { clock, ring, reports, keys: new TenantKeys(keyring, clock, (_error, doing) => void reports.push(doing)) };
};

describe('the keys of tenants', () => {
  it('are asked for once, by however many at once, and are at hand for a minute', async () => {
    const { clock, ring, keys } = setUp();
    expect(keys.peek('acme')).toBeUndefined();
    const [one, two] = await Promise.all([keys.find('acme', CALL), keys.findOf('acme~trip-1', CALL)]);
    expect(one).toBe(two);
    expect(keys.peek('acme')).toBe(one);
    expect(ring.asked).toBe(1);
    clock.advance(MINUTE_MS);
    expect(keys.peek('acme')).toBeUndefined();
  });

  it('are for records and for large values, and not the same', async () => {
    const { keys } = setUp();
    const found = await keys.find('acme', CALL);
    if (found === 'erased') throw new Error('It was not erased.');
    expect(Buffer.from(found.records).equals(Buffer.from(found.payloads))).toBe(false);
  });

  it('an erased one is forgotten within a minute, and never asked for again', async () => {
    const { clock, ring, keys } = setUp();
    await keys.find('acme', CALL);
    ring.key = 'erased';
    clock.advance(MINUTE_MS);
    expect(await keys.find('acme', CALL)).toBe('erased');
    clock.advance(100 * MINUTE_MS);
    expect(keys.peek('acme')).toBe('erased');
  });

  it('one that cannot be asked for again is used for a quarter of an hour, which is said, and no longer', async () => {
    const { clock, ring, keys, reports } = setUp();
    const found = await keys.find('acme', CALL);
    ring.fails = true;
    clock.advance(14 * MINUTE_MS);
    expect(await keys.find('acme', CALL)).toBe(found);
    expect(reports).toHaveLength(1);
    clock.advance(MINUTE_MS);
    await expect(keys.find('acme', CALL)).rejects.toThrow('no keys today');
  });

  it('a failure is not kept: the next one who asks asks anew', async () => {
    const { ring, keys } = setUp();
    ring.fails = true;
    await expect(keys.find('acme', CALL)).rejects.toThrow('no keys today');
    ring.fails = false;
    expect(await keys.find('acme', CALL)).not.toBe('erased');
  });

  it('a keyring that is silent is asked once in ten seconds, not by everybody who needs a key', async () => {
    const { clock, ring, keys } = setUp();
    await keys.find('acme', CALL);
    ring.fails = true;
    clock.advance(MINUTE_MS);
    for (let i = 0; i < 5; i++) await keys.find('acme', CALL);
    expect(ring.asked).toBe(2);
    clock.advance(10_000);
    await keys.find('acme', CALL);
    expect(ring.asked).toBe(3);
  });
});
