// Seals large values and archives; functions get the key of values with the place, so that they read and put what only they can read.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findTenant } from '../../protocol/tenant.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { PayloadOptions, PayloadStore } from '../../ports/payload-store.ts';
import { openEnvelope, readEnvelope, writeEnvelope } from './envelope.ts';
import { addKey, ARCHIVE_PLACE, PAYLOAD_PLACE } from './sealed-values.ts';
import type { TenantKeys, TextKeys } from './tenant-keys.ts';

/** A payload store whose values nobody can read without keys. Names are hashes of sealed values, so that tenants never share one. */
export const sealPayloadStore = (payloads: PayloadStore, keys: TenantKeys): PayloadStore => {
  const find = async (tenant: string, options: CallOptions): Promise<TextKeys> => {
    const found = await keys.find(tenant, options);
    if (found !== 'erased') return found;
    throw new StarquakeError('TENANT_ERASED', `The key of the tenant "${tenant}" was erased: its values cannot be read or put any more.`);
  };
  const openText = async (text: string, use: keyof TextKeys, place: string, options: CallOptions): Promise<string> => {
    const envelope = readEnvelope(text);
    return envelope === undefined ? text : openEnvelope(envelope, (await find(envelope.tenant, options))[use], place);
  };
  const sealText = async (text: string, use: keyof TextKeys, place: string, options: PayloadOptions): Promise<string> => {
    const tenant = findTenant(options.run);
    return writeEnvelope(text, tenant, (await find(tenant, options))[use], place);
  };
  return {
    put: async (text, options) => payloads.put(await sealText(text, 'payloads', PAYLOAD_PLACE, options), options),
    get: async (link, options) => openText(await payloads.get(link, options), 'payloads', PAYLOAD_PLACE, options),
    makeLink: async (link, options) => {
      const key = (await find(findTenant(options.run), options)).payloads;
      return addKey(await payloads.makeLink(link, options), key);
    },
    makeGrant: async (options) => {
      const tenant = findTenant(options.run);
      const key = Buffer.from((await find(tenant, options)).payloads).toString('base64');
      return { ...(await payloads.makeGrant(options)), seal: { tenant, key } };
    },
    putArchive: async (name, text, options) => payloads.putArchive(name, await sealText(text, 'records', ARCHIVE_PLACE, options), options),
    getArchive: async (name, options) => openText(await payloads.getArchive(name, options), 'records', ARCHIVE_PLACE, options),
  };
};
