// Keeps runs in the order in which they began, so that a page of a list is found without sorting all of them.
import type { RunRow } from './run-row.ts';

type Key = Pick<RunRow, 'createdAt' | 'run'>;

/** Runs, newest first. */
export interface RunOrder {
  add(row: RunRow): void;
  /** Takes out a row that was added, and has not got another key since. */
  remove(row: RunRow): void;
  /** Rows after a key, newest first; from the newest when there is none. */
  walk(after?: Key): Iterable<RunRow>;
}

const isBefore = (a: Key, b: Key): boolean => (a.createdAt === b.createdAt ? a.run < b.run : a.createdAt < b.createdAt);

/** An empty order. */
export const createRunOrder = (): RunOrder => {
  const rows: RunRow[] = [];

  const findIndex = (key: Key): number => {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = rows[middle];
      if (row !== undefined && isBefore(row, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    add: (row) => void rows.splice(findIndex(row), 0, row),
    remove: (row) => {
      const index = findIndex(row);
      if (rows[index] === row) rows.splice(index, 1);
    },
    *walk(after) {
      for (let i = after === undefined ? rows.length - 1 : findIndex(after) - 1; i >= 0; i--) {
        const row = rows[i];
        if (row !== undefined) yield row;
      }
    },
  };
};
