// The native client finds its broker by the web service that people name; the mark of a namespace is kept there too.
import { afterEach, describe, expect, it } from 'vitest';
import { findBrokerUrl } from '../../../../src/adapters/pulsar-admin/find-broker-url.ts';
import { NamespaceMark } from '../../../../src/adapters/pulsar-admin/namespace-mark.ts';
import { startMemoryAdministration } from '../../../support/pulsar/memory-administration.ts';
import { startStandIn, type StandIn } from '../../../support/pulsar/stand-in.ts';

const TIMEOUT_MS = 5000;
let standIn: StandIn | undefined;
afterEach(() => standIn?.close());

const find = async (answer: { readonly status: number; readonly value?: unknown }): Promise<string> => {
  standIn = await startStandIn({
    onAdmin: (_, path) => (path === '/lookup/v2/topic/persistent/acme/main/inbox-partition-0' ? answer : { status: 418 }),
  });
  return await findBrokerUrl({ webUrl: standIn.webUrl, tenant: 'acme', namespace: 'main' }, 'inbox', TIMEOUT_MS);
};

describe('the broker of a topic', () => {
  it('is the one that the web service names, without encryption where the web service has none', async () => {
    const value = { brokerUrl: 'pulsar://10.0.0.1:6650', brokerUrlTls: 'pulsar+ssl://10.0.0.1:6651', nativeUrl: 'x' };
    expect(await find({ status: 200, value })).toBe('pulsar://10.0.0.1:6650');
  });

  it('is missed where it offers only the other way', async () => {
    const only = { brokerUrl: '', brokerUrlTls: 'pulsar+ssl://10.0.0.1:6651' };
    await expect(find({ status: 200, value: only })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('brokerServicePort'),
    });
  });

  it('is missed where there is no such topic', async () => {
    await expect(find({ status: 404, value: { reason: 'Topic not found' } })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

describe('the mark of a namespace', () => {
  it('is read as it was left, and there is none before, nor where there is no namespace', async () => {
    const pulsar = await startMemoryAdministration();
    try {
      const mark = new NamespaceMark({ webUrl: pulsar.webUrl, tenant: 'acme', namespace: 'main' }, TIMEOUT_MS);
      expect(await mark.read()).toBeUndefined();
      await fetch(`${pulsar.webUrl}/admin/v2/namespaces/acme/main`, { method: 'PUT' });
      expect(await mark.read()).toBeUndefined();
      await mark.write('71c3ab94');
      expect(await mark.read()).toBe('71c3ab94');
    } finally {
      await pulsar.close();
    }
  });
});
