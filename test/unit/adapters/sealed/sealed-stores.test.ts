// What the seal does where something is wrong: erased tenants, keys that are missing, and keys that are others.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore } from '../../../../src/adapters/embedded/embedded-store.ts';
import { checkKeyMark } from '../../../../src/adapters/sealed/check-key-mark.ts';
import { sealPorts } from '../../../../src/adapters/sealed/seal-ports.ts';
import { openValue } from '../../../../src/adapters/sealed/sealed-values.ts';
import type { Keyring, TenantKey } from '../../../../src/ports/keyring.ts';
import { findTenant } from '../../../../src/protocol/tenant.ts';
import type { Due } from '../../../../src/protocol/messages.ts';
import { makeVirtualClock } from '../../../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 1000 };

const makeKeyring = (seed = 1): Keyring & { erased: Set<string>; broken: Set<string> } => {
  const [erased, broken] = [new Set<string>(), new Set<string>()];
  return {
    erased,
    broken,
    findKey: async (tenant): Promise<TenantKey> => {
      if (broken.has(tenant)) throw new Error(`no key of ${tenant}`);
      return erased.has(tenant) ? 'erased' : new Uint8Array(32).fill(seed + tenant.length);
    },
    eraseKey: async (tenant) => void erased.add(tenant),
  };
};

const makeDue = (key: string): Due => ({ type: 'Due', v: 1, dueAt: 5, topic: 'inbox', key, id: `${key}/due`, message: `{"for":"${key}"}` });

describe('a seal', () => {
  const clock = makeVirtualClock();
  let store: EmbeddedStore;
  let reports: string[];

  const open = (keyring: Keyring | undefined, forErased: 'drop' | 'refuse' = 'refuse') => {
    const { bus, runs, timers, payloads } = store;
    const report = (error: unknown): void => void reports.push(String(error));
    return sealPorts({ bus, runs, timers, payloads }, { keyring, clock, report, forErased });
  };

  beforeEach(async () => {
    reports = [];
    store = await openEmbeddedStore({ memory: true, clock, report: () => undefined });
  });
  afterEach(() => store.close());

  it('is the tenant that a run id names, for its children as well', () => {
    const ids = ['acme~trip-1', 'acme~trip-1:1.3', 'acme~trip-1:1.3:1.2', 'trip-1', 'trip-1:1.3', 'schedule/shop/nightly:1.4', '~odd'];
    expect(ids.map(findTenant)).toEqual(['acme', 'acme', 'acme', 'main', 'main', 'main', 'main']);
  });

  it('keeps a timer that cannot be opened where it is, and keeps none of the others waiting', async () => {
    const keyring = makeKeyring();
    await open(keyring).timers.put([makeDue('acme~1'), makeDue('zeta~1')], CALL);
    keyring.broken.add('acme');
    const dues = await open(keyring).timers.readDue(10, 10, CALL);
    expect(dues.map(({ message }) => message)).toEqual(['{"for":"zeta~1"}']);
    expect(reports).toEqual(['Error: no key of acme']);
  });

  it('leaves sealed timers in the store when there are no keys', async () => {
    await open(makeKeyring()).timers.put([makeDue('acme~1')], CALL);
    await expect(open(undefined).timers.readDue(10, 10, CALL)).rejects.toMatchObject({ code: 'KEYS_MISSING' });
    expect(await open(makeKeyring()).timers.readDue(10, 10, CALL)).toEqual([makeDue('acme~1')]);
  });

  it('drops what the engine sends to an erased tenant, with what is for others sent; who asks from outside is told', async () => {
    const keyring = makeKeyring();
    await store.bus.declareTopics([{ name: 'history', kind: 'stream', partitions: 1, retained: true, delayed: false }], CALL);
    await keyring.eraseKey('acme', CALL);
    const messages = ['acme~1', 'zeta~1'].map((key) => ({ topic: 'history', key, id: key, body: '{"v":1}' }));
    await expect(open(keyring).bus.publish(messages, CALL)).rejects.toMatchObject({ code: 'TENANT_ERASED' });
    await open(keyring, 'drop').bus.publish(messages, CALL);
    expect((await store.bus.readStream('history', 0, 0, 10, CALL)).map(({ key }) => key)).toEqual(['zeta~1']);
  });

  it('refuses keys that the data was not sealed with, before anything is sealed with them', async () => {
    await checkKeyMark(store.payloads, makeKeyring(), CALL);
    await checkKeyMark(store.payloads, makeKeyring(), CALL);
    await expect(checkKeyMark(store.payloads, makeKeyring(7), CALL)).rejects.toMatchObject({ code: 'VALUE_UNREADABLE' });
  });

  it('keeps archives from functions, who hold the key of large values', async () => {
    const { payloads } = open(makeKeyring());
    const about = { ...CALL, run: 'acme~1' };
    await payloads.putArchive('acme~1', '{"commits":[]}', about);
    const { seal } = await payloads.makeGrant(about);
    const key = Buffer.from(seal?.key ?? '', 'base64');
    const archive = await store.payloads.getArchive('acme~1', CALL);
    expect(() => openValue(archive, key)).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    expect(await payloads.getArchive('acme~1', CALL)).toBe('{"commits":[]}');
  });
});
