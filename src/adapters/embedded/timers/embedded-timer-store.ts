// The record of far timers on the journal; all of them are in memory, in order.
import type { Due } from '../../../protocol/messages.ts';
import type { CallOptions } from '../../../ports/clock.ts';
import type { TimerStore } from '../../../ports/timer-store.ts';
import { RECORD, type Placed } from '../journal/journal-format.ts';
import type { Journal } from '../journal/journal.ts';
import { OrderedDues, type DueName } from './ordered-dues.ts';
import type { RecordBuffer } from '../journal/record-buffer.ts';
import { RecordReader } from '../journal/record-reader.ts';

const writeDueName = (payload: RecordBuffer, { dueAt, id }: DueName): void => {
  payload.addNumber(dueAt);
  payload.addText(id);
};

const readDueName = (payload: RecordReader): DueName => ({ dueAt: payload.takeNumber(), id: payload.takeText() });

const writeDue = (payload: RecordBuffer, due: Due): void => {
  writeDueName(payload, due);
  payload.addInteger(due.v);
  payload.addText(due.topic);
  payload.addText(due.key);
  payload.addText(due.message);
};

const readDue = (payload: RecordReader): Due => {
  const name = readDueName(payload);
  return {
    type: 'Due',
    ...name,
    v: payload.takeInteger(),
    topic: payload.takeText(),
    key: payload.takeText(),
    message: payload.takeText(),
  };
};

/** The embedded timer store. */
export class EmbeddedTimerStore implements TimerStore {
  readonly #journal: Journal;
  readonly #dues = new OrderedDues();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** How many timers are kept. */
  get size(): number {
    return this.#dues.size;
  }

  /** Takes in a record of the journal; answers whether it was one of the timer store. */
  replay(type: number, payload: RecordReader, placed: Placed): boolean {
    if (type === RECORD.putTimer) this.#keep(readDue(payload), placed);
    else if (type === RECORD.removeTimer) this.#drop(readDueName(payload));
    else return false;
    return true;
  }

  /** Moves a timer that still counts to the journal's head. */
  rescue(bytes: Buffer, placed: Placed): void {
    const kept = this.#dues.find(readDueName(new RecordReader(bytes)));
    if (kept?.placed.place === placed.place) kept.placed = this.#journal.addCopy(RECORD.putTimer, bytes);
  }

  async put(dues: readonly Due[], options: CallOptions): Promise<void> {
    for (const due of dues)
      this.#keep(
        due,
        this.#journal.add(RECORD.putTimer, (payload) => writeDue(payload, due)),
      );
    await this.#journal.settle(options.timeoutMs);
  }

  async readDue(upTo: number, limit: number, _options: CallOptions): Promise<readonly Due[]> {
    return this.#dues.list(upTo, limit);
  }

  async remove(dues: readonly Due[], options: CallOptions): Promise<void> {
    for (const due of dues) {
      if (this.#dues.find(due) === undefined) continue;
      this.#journal.add(RECORD.removeTimer, (payload) => writeDueName(payload, due));
      this.#drop(due);
    }
    await this.#journal.settle(options.timeoutMs);
  }

  #keep(due: Due, placed: Placed): void {
    this.#journal.keep(placed.length);
    const standing = this.#dues.put({ due, placed });
    if (standing !== undefined) this.#journal.release(standing.placed.length);
  }

  #drop(name: DueName): void {
    const dropped = this.#dues.remove(name);
    if (dropped !== undefined) this.#journal.release(dropped.placed.length);
  }
}
