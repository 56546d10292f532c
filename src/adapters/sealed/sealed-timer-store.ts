// Seals the messages that come due later; when, and for whom, stays in clear.
import { isSealed } from '../../protocol/sealed.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findTenant } from '../../protocol/tenant.ts';
import type { Due } from '../../protocol/messages.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { TimerStore } from '../../ports/timer-store.ts';
import { openEnvelope, readEnvelope, writeEnvelope } from './envelope.ts';
import type { TenantKeys } from './tenant-keys.ts';

const placeOf = ({ dueAt, id }: Due): string => `timer\0${dueAt}\0${id}`;

/** A timer store whose messages nobody can read without keys. */
export const sealTimerStore = (timers: TimerStore, keys: TenantKeys, report: (error: unknown, doing: string) => void): TimerStore => {
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
    readDue: async (upTo, limit, options) => {
      const opened = await Promise.allSettled((await timers.readDue(upTo, limit, options)).map((due) => open(due, options)));
      for (const one of opened) if (one.status === 'rejected') report(one.reason, 'opening timers');
      // What cannot be opened stays in the store, and keeps no other waiting.
      return opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    },
    remove: (dues, options) => timers.remove(dues, options),
  };
};

/**
 * A timer store that is read without keys: what is sealed stays where it is.
 *
 * @throws KEYS_MISSING, from `readDue`
 */
export const refuseSealedTimers = (timers: TimerStore): TimerStore => ({
  put: (...given) => timers.put(...given),
  remove: (...given) => timers.remove(...given),
  readDue: async (...given) => {
    const dues = await timers.readDue(...given);
    const sealed = dues.find(({ message }) => isSealed(message));
    if (sealed === undefined) return dues;
    throw new StarquakeError('KEYS_MISSING', `The timer "${sealed.id}" is sealed for the tenant "${findTenant(sealed.key)}".`);
  },
});
