// Seals the messages that come due later; when, and for whom, stays in clear.
import { findTenant } from '../../protocol/tenant.ts';
import type { Due } from '../../protocol/messages.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { TimerStore } from '../../ports/timer-store.ts';
import { openEnvelope, readEnvelope, writeEnvelope } from './envelope.ts';
import type { TenantKeys } from './tenant-keys.ts';

const placeOf = ({ dueAt, id }: Due): string => `timer\0${dueAt}\0${id}`;

/** A timer store whose messages nobody can read without keys. */
export const sealTimerStore = (timers: TimerStore, keys: TenantKeys): TimerStore => {
  const seal = async (due: Due, options: CallOptions): Promise<Due | undefined> => {
    const tenant = findTenant(due.key);
    const found = await keys.find(tenant, options);
    return found === 'erased' ? undefined : { ...due, message: writeEnvelope(due.message, tenant, found.records, placeOf(due)) };
  };
  // A due of an erased tenant goes on as it is: the bus drops it, and its entry is removed.
  const open = async (due: Due, options: CallOptions): Promise<Due> => {
    const envelope = readEnvelope(due.message);
    if (envelope === undefined) return due;
    const found = await keys.find(envelope.tenant, options);
    return found === 'erased' ? due : { ...due, message: openEnvelope(envelope, found.records, placeOf(due)) };
  };
  return {
    put: async (dues, options) => {
      const sealed = (await Promise.all(dues.map((due) => seal(due, options)))).filter((due) => due !== undefined);
      if (sealed.length > 0) await timers.put(sealed, options);
    },
    readDue: async (upTo, limit, options) => Promise.all((await timers.readDue(upTo, limit, options)).map((due) => open(due, options))),
    remove: (dues, options) => timers.remove(dues, options),
  };
};
