// Large values and archives in memory, for the memory mode.
import { createHash } from 'node:crypto';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { PutGrant } from '../../../protocol/functions.ts';
import type { PayloadLink } from '../../../protocol/payload.ts';
import type { CallOptions } from '../../../ports/clock.ts';
import type { PayloadStore } from '../../../ports/payload-store.ts';

/** Nothing can be put from outside this process: functions answer inline. */
export const MEMORY_GRANT: PutGrant = { url: 'memory:', fields: {} };

/** A payload store that ends with the process. */
export class MemoryPayloadStore implements PayloadStore {
  readonly #values = new Map<string, string>();
  readonly #archives = new Map<string, string>();

  async put(text: string, _options: CallOptions): Promise<PayloadLink> {
    const sha256 = createHash('sha256').update(text).digest('hex');
    this.#values.set(sha256, text);
    return { sha256, bytes: Buffer.byteLength(text) };
  }

  async get(link: PayloadLink, _options: CallOptions): Promise<string> {
    const text = this.#values.get(link.sha256);
    if (text === undefined) throw new StarquakeError('PAYLOAD_MISSING', `The payload ${link.sha256} of ${link.bytes} bytes is not there.`);
    return text;
  }

  async makeLink(link: PayloadLink, options: CallOptions): Promise<string> {
    const text = await this.get(link, options);
    return `data:application/json;base64,${Buffer.from(text).toString('base64')}`;
  }

  async makeGrant(_options: CallOptions): Promise<PutGrant> {
    return MEMORY_GRANT;
  }

  async putArchive(name: string, text: string, _options: CallOptions): Promise<void> {
    this.#archives.set(name, text);
  }

  async getArchive(name: string, _options: CallOptions): Promise<string> {
    const text = this.#archives.get(name);
    if (text === undefined) throw new StarquakeError('PAYLOAD_MISSING', `The archive ${name} is not there.`);
    return text;
  }
}
