// Gives functions the places of large values: links to read those that a request names, a grant to put new ones (rule 20).
import { INLINE_LIMIT_BYTES } from '../../protocol/limits.ts';
import type { Payload, PayloadLink } from '../../protocol/payload.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findTenant } from '../../protocol/tenant.ts';
import type { PutGrant } from '../../protocol/functions.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Calls } from './calls.ts';
import type { ConnectorSettings } from './settings.ts';

/** A grant is used this long before a new one is asked for. */
const GRANT_MS = 60_000;
/** Grants that are kept. */
const MOST_GRANTS = 1000;

/** As a link stands in the JSON of a message or an event; within an author's text the quotes would be escaped. */
const LINK = /"link":\{"sha256":"([0-9a-f]{64})","bytes":(\d+)\}/g;

/** Places of large values, each for the tenant of a run. */
export interface PayloadAccess {
  /** Links for all payloads that the texts name, made now. */
  findLinks(run: string, texts: readonly string[]): Promise<Readonly<Record<string, string>>>;
  findGrant(run: string): Promise<PutGrant>;
  /** A payload's JSON text. */
  read(link: PayloadLink): Promise<string>;
  /** The payload as it may travel: put, and a link, if its JSON is over the limit, which is the inline limit unless given. */
  store(run: string, payload: Payload, limitBytes?: number): Promise<Payload>;
}

/** Makes the payload access of a connector. */
export const createPayloadAccess = ({ payloads, clock }: Ports, { callTimeoutMs }: ConnectorSettings, calls: Calls): PayloadAccess => {
  const options = { timeoutMs: callTimeoutMs };
  /** By tenant; the one that was made first goes first. */
  const granted = new Map<string, { readonly grant: PutGrant; readonly until: number }>();
  return {
    read: (link) => calls.within('reading a payload', callTimeoutMs, () => payloads.get(link, options)),
    store: async (run, payload, limitBytes = INLINE_LIMIT_BYTES) => {
      const text = 'json' in payload && payload.json !== undefined ? JSON.stringify(payload.json) : '';
      if (text.length * 3 <= limitBytes || new TextEncoder().encode(text).length <= limitBytes) return payload;
      try {
        return { link: await calls.within('putting a payload', callTimeoutMs, () => payloads.put(text, { ...options, run })) };
      } catch (error) {
        // Nothing is kept for an erased tenant: what carries the value is dropped, and its commit refused.
        if (error instanceof StarquakeError && error.code === 'TENANT_ERASED') return payload;
        throw error;
      }
    },
    findLinks: async (run, texts) => {
      const links: Record<string, string> = {};
      for (const text of texts) {
        for (const [, sha256 = '', bytes] of text.matchAll(LINK)) {
          links[sha256] ??= await calls.within('making a link', callTimeoutMs, () =>
            payloads.makeLink({ sha256, bytes: Number(bytes) }, { ...options, run }),
          );
        }
      }
      return links;
    },
    findGrant: async (run) => {
      const tenant = findTenant(run);
      const known = granted.get(tenant);
      if (known !== undefined && known.until > clock.now()) return known.grant;
      const grant = await calls.within('making a grant', callTimeoutMs, () => payloads.makeGrant({ ...options, run }));
      granted.delete(tenant);
      granted.set(tenant, { grant, until: clock.now() + GRANT_MS });
      const [oldest] = granted.keys();
      if (granted.size > MOST_GRANTS && oldest !== undefined) granted.delete(oldest);
      return grant;
    },
  };
};
