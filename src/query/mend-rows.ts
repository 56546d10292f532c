// Folds rows anew whose newest commits were lost with the table: what stands of them is read back from `history`.
import type { Bus } from '../ports/bus.ts';
import type { Projection } from './projection.ts';
import { readCommits, selectFound } from './read-history.ts';

/** Rows whose commits are in memory at once. */
const AT_ONCE = 100;

/**
 * Mends the torn rows of a partition: runs that moved at the same time lie close together, so they are read together.
 *
 * @throws STORE_FAILED, CALL_TIMED_OUT; what is torn still is mended by the next call
 */
export const mendRows = async (bus: Bus, projection: Projection, partition: number): Promise<void> => {
  const torn = projection.listTorn(partition);
  for (let from = 0; from < torn.length; from += AT_ONCE) {
    const rows = torn.slice(from, from + AT_ONCE);
    const positions = rows.flatMap((row) => row.positions);
    const commits = await readCommits(bus, partition, positions);
    for (const row of rows) projection.mend(row.run, selectFound(commits, row.positions));
  }
};
