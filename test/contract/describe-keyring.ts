// What every keyring promises; each adapter runs this suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Keyring } from '../../src/ports/keyring.ts';
import { CALL, makeName } from './harness.ts';

/** A keyring that was opened for one test. */
export interface KeyringHarness {
  readonly keyring: Keyring;
  /** One more on the same keys, as another process has it. */
  readonly another: Keyring;
  readonly close: () => Promise<void>;
}

/** Runs the keyring suite on an adapter. */
export const describeKeyring = (name: string, open: () => Promise<KeyringHarness>): void => {
  describe(`keyring: ${name}`, () => {
    let harness: KeyringHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it('a tenant has one key of 256 bits, whoever asks and however often', async () => {
      const tenant = makeName('tenant');
      const key = await harness.keyring.findKey(tenant, CALL);
      expect(key).toHaveLength(32);
      expect(await harness.keyring.findKey(tenant, CALL)).toEqual(key);
      expect(await harness.another.findKey(tenant, CALL)).toEqual(key);
    });

    it('two tenants have two keys, also if their names differ only in characters that no file name has', async () => {
      const tenant = makeName('tenant');
      const names = [`${tenant}/a`, `${tenant}_a`, `${tenant}.a`, `${tenant}ä`, tenant.toUpperCase(), `${tenant}${'语'.repeat(90)}`];
      const keys = await Promise.all(names.map((each) => harness.keyring.findKey(each, CALL)));
      expect(new Set(keys.map((key) => Buffer.from(key as Uint8Array).toString('hex'))).size).toBe(names.length);
    });

    it('of many who ask for the key of a new tenant at once, all get the same', async () => {
      const tenant = makeName('tenant');
      const keys = await Promise.all(
        Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? harness.keyring : harness.another).findKey(tenant, CALL)),
      );
      for (const key of keys) expect(key).toEqual(keys[0]);
    });

    it('an erased key is gone for everybody, is never made anew, and may be erased again', async () => {
      const [tenant, other] = [makeName('tenant'), makeName('tenant')];
      const kept = await harness.keyring.findKey(other, CALL);
      await harness.keyring.findKey(tenant, CALL);
      await harness.keyring.eraseKey(tenant, CALL);
      await harness.another.eraseKey(tenant, CALL);
      expect(await harness.keyring.findKey(tenant, CALL)).toBe('erased');
      expect(await harness.another.findKey(tenant, CALL)).toBe('erased');
      expect(await harness.another.findKey(other, CALL)).toEqual(kept);
    });

    it('a key may be erased before it was ever made', async () => {
      const tenant = makeName('tenant');
      await harness.keyring.eraseKey(tenant, CALL);
      expect(await harness.another.findKey(tenant, CALL)).toBe('erased');
    });
  });
};
