// The port to the data keys of tenants: what is sealed under one can be read by nobody once it is erased.
import type { CallOptions } from './clock.ts';

/** The data key of a tenant, as many bytes as `DATA_KEY_BYTES` says, or that it was erased. */
export type TenantKey = Uint8Array | 'erased';

/** Data keys by tenant. */
export interface Keyring {
  /** The tenant's key; made at the first call, and the same for all who ask. One that was erased is never made anew. */
  findKey(tenant: string, options: CallOptions): Promise<TenantKey>;
  /** Erases the key for good, also one that was never made. Erasing twice is harmless. */
  eraseKey(tenant: string, options: CallOptions): Promise<void>;
}
