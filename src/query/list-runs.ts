// Answers a page of a list of runs, newest first, with a cursor that stays right while runs come and go.
import { z } from 'zod';
import type { RunStatus } from '../protocol/commit.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { RunOrder } from './run-order.ts';
import { isThere, type RunRow } from './run-row.ts';

/** Which runs to list. What is left out does not filter. */
export interface RunFilter {
  readonly app?: string | undefined;
  readonly workflow?: string | undefined;
  readonly status?: RunStatus | undefined;
  /** All of them must be there. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly limit: number;
  /** Of the page before. */
  readonly cursor?: string | undefined;
}

/** A page of runs. */
export interface RunPage {
  readonly rows: readonly RunRow[];
  /** Asks for the next page; absent on the last. */
  readonly cursor: string | undefined;
}

const cursorSchema = z.tuple([z.number(), z.string()]);

/** @throws REQUEST_INVALID for a cursor that no page gave */
export const listRuns = (order: RunOrder, filter: RunFilter): RunPage => {
  const rows: RunRow[] = [];
  for (const row of order.walk(filter.cursor === undefined ? undefined : readCursor(filter.cursor))) {
    if (!isThere(row) || !fits(row, filter)) continue;
    const last = rows.at(-1);
    if (rows.length === filter.limit && last !== undefined) return { rows, cursor: writeCursor(last) };
    rows.push(row);
  }
  return { rows, cursor: undefined };
};

const fits = (row: RunRow, { app, workflow, status, tags = {} }: RunFilter): boolean =>
  (app === undefined || row.app === app) &&
  (workflow === undefined || row.workflow === workflow) &&
  (status === undefined || row.status === status) &&
  Object.entries(tags).every(([name, value]) => row.tags[name] === value);

const writeCursor = ({ createdAt, run }: RunRow): string => Buffer.from(JSON.stringify([createdAt, run])).toString('base64url');

const readCursor = (cursor: string): Pick<RunRow, 'createdAt' | 'run'> => {
  try {
    const [createdAt, run] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { createdAt, run };
  } catch (error) {
    throw new StarquakeError('REQUEST_INVALID', `"${cursor}" is not the cursor of a page.`, {
      hint: 'Leave the cursor out to begin with the first page.',
      cause: error,
    });
  }
};
