// The port to large values and archives: bytes under their SHA-256, deleted by age only (rule 20).
import type { PayloadLink } from '../protocol/payload.ts';
import type { PutGrant } from '../protocol/functions.ts';
import type { CallOptions } from './clock.ts';

/** Options of calls about a value. */
export interface PayloadOptions extends CallOptions {
  /** Run that the value belongs to, and so the tenant: the key is chosen by it where values are sealed. */
  readonly run: string;
}

/** Large values by content. */
export interface PayloadStore {
  /** Durable when it resolves; putting again refreshes the age. */
  put(text: string, options: PayloadOptions): Promise<PayloadLink>;
  /** @throws PAYLOAD_MISSING */
  get(link: PayloadLink, options: CallOptions): Promise<string>;
  /** A URL that a function's entry point can read the value from, for a limited time. */
  makeLink(link: PayloadLink, options: PayloadOptions): Promise<string>;
  /** What a function's entry point needs to put large values by itself, for a limited time. */
  makeGrant(options: PayloadOptions): Promise<PutGrant>;
  /** Archived runs: text under a name; the same name is overwritten. */
  putArchive(name: string, text: string, options: PayloadOptions): Promise<void>;
  /** @throws PAYLOAD_MISSING */
  getArchive(name: string, options: CallOptions): Promise<string>;
}
