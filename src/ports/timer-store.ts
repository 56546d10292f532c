// The port to what comes due later than the bus should know: the record of every far timer (rule 17).
import type { Due } from '../protocol/messages.ts';
import type { CallOptions } from './clock.ts';

/** Timers by due time. An entry is named by (dueAt, id). */
export interface TimerStore {
  /** Keeps entries; putting one twice is harmless. */
  put(dues: readonly Due[], options: CallOptions): Promise<void>;
  /** Entries due at or before `upTo`, earliest first, from the oldest on. */
  readDue(upTo: number, limit: number, options: CallOptions): Promise<readonly Due[]>;
  /** Removes exactly these entries. */
  remove(dues: readonly Due[], options: CallOptions): Promise<void>;
}
