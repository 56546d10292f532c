// The record of far timers in the simulated world.
import type { Due } from '../../../src/protocol/messages.ts';

/** The timer store. */
export class SimTimerStore {
  readonly #dues = new Map<string, Due>();

  put(dues: readonly Due[]): void {
    for (const due of dues) this.#dues.set(nameDue(due), due);
  }

  readDue(upTo: number, limit: number): readonly Due[] {
    return [...this.#dues.values()]
      .filter((due) => due.dueAt <= upTo)
      .toSorted((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit);
  }

  remove(dues: readonly Due[]): void {
    for (const due of dues) this.#dues.delete(nameDue(due));
  }

  /** Entries that are kept. */
  list(): readonly Due[] {
    return [...this.#dues.values()];
  }
}

const nameDue = ({ dueAt, id }: Due): string => `${dueAt}/${id}`;
