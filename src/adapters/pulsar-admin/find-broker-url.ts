// Finds where the binary protocol is spoken: people name the web service, the native client wants a broker.
import { z } from 'zod';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { callAdmin } from './call-admin.ts';
import type { PulsarAccess } from './pulsar-access.ts';

const foundSchema = z.object({ brokerUrl: z.string().nullish(), brokerUrlTls: z.string().nullish() });
const LOOKUP = '/lookup/v2/topic/';

/**
 * The address of the broker that owns a partition, encrypted where the web service is; any broker sends clients on to any other.
 *
 * @param topic - one that exists; its first partition is looked up
 * @throws STORE_FAILED when the broker offers no such address
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, THROTTLED
 * @example
 * await findBrokerUrl({ webUrl: 'http://localhost:8080', tenant: 'acme', namespace: 'main' }, 'inbox', 5000); // 'pulsar://localhost:6650'
 */
export const findBrokerUrl = async (access: PulsarAccess, topic: string, timeoutMs: number): Promise<string> => {
  const path = `persistent/${access.tenant}/${access.namespace}/${encodeURIComponent(topic)}-partition-0`;
  const { value } = await callAdmin(access, { method: 'GET', root: LOOKUP, path, doing: `looking for the broker of ${topic}` }, timeoutMs);
  const { brokerUrl, brokerUrlTls } = foundSchema.parse(value);
  const isEncrypted = new URL(access.webUrl).protocol === 'https:';
  const found = isEncrypted ? brokerUrlTls : brokerUrl;
  if (found !== null && found !== undefined && found !== '') return found;
  const what = isEncrypted ? 'encrypted address (brokerServicePortTls)' : 'address without encryption (brokerServicePort)';
  throw new StarquakeError('STORE_FAILED', `The broker behind ${access.webUrl} offers no ${what} for the native client.`, {
    hint: 'Have the broker offer one, or name another with --pulsar-broker, or use --pulsar-adapter websocket.',
  });
};
