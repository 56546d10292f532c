// A note on a namespace of which stores its history belongs to: messages and commits are worth nothing without each other.
import { z } from 'zod';
import { callAdmin, type AdminCall } from './call-admin.ts';
import type { PulsarAccess } from './pulsar-access.ts';

/** The property of the namespace that holds the mark. */
const PROPERTY = 'starquake-stores';
const propertiesSchema = z.record(z.string(), z.string()).optional();

/** The mark of one namespace. Calls throw BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED. */
export class NamespaceMark {
  readonly #access: PulsarAccess;
  readonly #timeoutMs: number;

  /** @param timeoutMs - for each call */
  constructor(access: PulsarAccess, timeoutMs: number) {
    this.#access = access;
    this.#timeoutMs = timeoutMs;
  }

  /** The id of the stores; undefined where nobody has left a mark, or there is no such namespace. */
  async read(): Promise<string | undefined> {
    const { status, value } = await this.#call({ method: 'GET', path: 'properties', doing: 'reading the mark', accepts: [404] });
    return status === 404 ? undefined : propertiesSchema.parse(value)?.[PROPERTY];
  }

  /** @param id - of the stores: letters, digits, hyphens */
  async write(id: string): Promise<void> {
    await this.#call({ method: 'PUT', path: `property/${PROPERTY}/${encodeURIComponent(id)}`, doing: 'leaving the mark' });
  }

  #call(call: AdminCall): ReturnType<typeof callAdmin> {
    const namespace = `${this.#access.tenant}/${this.#access.namespace}`;
    return callAdmin(
      this.#access,
      { ...call, path: `namespaces/${namespace}/${call.path}`, doing: `${call.doing} of the namespace ${namespace}` },
      this.#timeoutMs,
    );
  }
}
