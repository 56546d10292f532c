// The keys of the tenants that are worked for now: asked of the keyring once in a while, so that an erased key is soon forgotten here too.
import { findTenant } from '../../protocol/tenant.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { deriveKey } from './cipher.ts';

/** The keys that one tenant's texts are sealed under. */
export interface TextKeys {
  /** Of messages, commits and timers: only the engine's own processes hold it. */
  readonly records: Uint8Array;
  /** Of large values: functions that read or put such values are given it, with the request. */
  readonly payloads: Uint8Array;
}

/** Keys, or that there are none any more. */
export type FoundKeys = TextKeys | 'erased';

/** A key is asked for again after this: an erased one is used no longer. */
const TRUSTED_MS = 60_000;
/** Where the keyring does not answer, a key is used for this long all the same. */
const RELIED_MS = 15 * 60_000;
/** What needs the key keeps most of its time. */
const ASK_MS = 3_000;
/** A keyring that did not answer is left alone for this long. */
const AGAIN_MS = 10_000;
const MOST_TENANTS = 10_000;

interface KnownKeys {
  readonly found: FoundKeys;
  readonly readAt: number;
  /** Used unasked until then. */
  readonly trustedUntil: number;
}

/** Keys by tenant. */
export class TenantKeys {
  readonly #keyring: Keyring;
  readonly #clock: Clock;
  readonly #report: (error: unknown, doing: string) => void;
  readonly #known = new Map<string, KnownKeys>();
  readonly #asking = new Map<string, Promise<FoundKeys>>();

  /** @param report - told when a key that is at hand could not be asked for again */
  constructor(keyring: Keyring, clock: Clock, report: (error: unknown, doing: string) => void) {
    this.#keyring = keyring;
    this.#clock = clock;
    this.#report = report;
  }

  /** The keys of a tenant if they are at hand. */
  peek(tenant: string): FoundKeys | undefined {
    const known = this.#known.get(tenant);
    return known !== undefined && (known.found === 'erased' || this.#clock.now() < known.trustedUntil) ? known.found : undefined;
  }

  /** The keys of a tenant. @throws STORE_FAILED, CALL_TIMED_OUT */
  find(tenant: string, options: CallOptions): Promise<FoundKeys> {
    const known = this.peek(tenant);
    if (known !== undefined) return Promise.resolve(known);
    const asking =
      this.#asking.get(tenant) ??
      this.#ask(tenant, { ...options, timeoutMs: Math.min(options.timeoutMs, ASK_MS) }).finally(() => this.#asking.delete(tenant));
    this.#asking.set(tenant, asking);
    return asking;
  }

  /** The keys of the tenant that a run belongs to. @throws STORE_FAILED, CALL_TIMED_OUT */
  findOf(run: string, options: CallOptions): Promise<FoundKeys> {
    return this.find(findTenant(run), options);
  }

  async #ask(tenant: string, options: CallOptions): Promise<FoundKeys> {
    const before = this.#known.get(tenant);
    try {
      const key = await this.#keyring.findKey(tenant, options);
      const found = key === 'erased' ? key : { records: deriveKey(key, 'records'), payloads: deriveKey(key, 'payloads') };
      this.#remember(tenant, found);
      return found;
    } catch (error) {
      const now = this.#clock.now();
      if (before === undefined || now - before.readAt >= RELIED_MS) throw error;
      this.#known.set(tenant, { ...before, trustedUntil: Math.min(now + AGAIN_MS, before.readAt + RELIED_MS) });
      this.#report(error, `asking for the key of the tenant "${tenant}" again`);
      return before.found;
    }
  }

  #remember(tenant: string, found: FoundKeys): void {
    // The one that was asked for first goes first.
    this.#known.delete(tenant);
    const now = this.#clock.now();
    this.#known.set(tenant, { found, readAt: now, trustedUntil: now + TRUSTED_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_TENANTS && oldest !== undefined) this.#known.delete(oldest);
  }
}
