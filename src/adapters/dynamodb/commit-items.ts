// How commits lie in the runs table: one item each, its summary and its time apart from its text.
import { z } from 'zod';
import { runSummarySchema, type Commit, type RunSummary } from '../../protocol/commit.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { bodySchema, hasBody, type ItemBody } from './item-body.ts';
import { measureItem, type Item } from './dynamo-client.ts';

/** A commit as it was read, its text not yet. */
export interface CommitItem {
  readonly version: number;
  /** When it was made, milliseconds since the epoch. */
  readonly at: number;
  readonly id: string;
  readonly archived: boolean;
  readonly body: ItemBody;
  /** It only holds its version: its text is in a segment. */
  readonly stub: boolean;
  /** It has a time after which it goes. */
  readonly expiring: boolean;
  readonly bytes: number;
}

const VERSION_DIGITS = 12;
const COMMITS = 'c/';

/** Sort key of a version. */
export const nameCommit = (version: number): string => `${COMMITS}${String(version).padStart(VERSION_DIGITS, '0')}`;

/** Bounds of the sort keys of commits. */
export const COMMIT_RANGE = [COMMITS, 'c0'] as const;

/** Sort key of the item that names a run's segments; before all commits, so that one query brings both, and no claim. */
export const SEGMENTS_KEY = 'a/segments';

/** Key of an item of a run. A run id has at most 500 characters, which always fit into a partition key. */
export const keyOf = (run: string, item: string): Item => ({ run: { S: run }, item: { S: item } });

/** The attributes of a commit beside its text. */
export const writeCommitHead = ({ run, version, at, id, summary }: Commit): Item => ({
  ...keyOf(run, nameCommit(version)),
  at: { N: String(at) },
  id: { S: id },
  summary: { S: JSON.stringify(summary) },
});

const commitItemSchema = bodySchema.extend({
  item: z.object({ S: z.string().startsWith(COMMITS) }),
  at: z.object({ N: z.string() }),
  id: z.object({ S: z.string() }),
  summary: z.object({ S: z.string() }).exactOptional(),
  expires: z.object({ N: z.string() }).exactOptional(),
});

const summaryItemSchema = z.object({ summary: z.object({ S: z.string() }) });

/**
 * Parses an item whatever it is; what does not fit was not written by this adapter.
 *
 * @throws STORE_FAILED
 */
export const parseItem = <T>(schema: z.ZodType<T>, item: Item, what: string): T => {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new StarquakeError('STORE_FAILED', `An item of the table is not ${what}: ${z.prettifyError(parsed.error)}`, {
    hint: 'Something else writes to the table; restore the item from a backup.',
    cause: parsed.error,
  });
};

/** The summary that an item has. */
export const readSummaryOf = (item: Item): RunSummary =>
  runSummarySchema.parse(JSON.parse(parseItem(summaryItemSchema, item, 'the newest commit of a run').summary.S));

/** The commit of an item. */
export const readCommitItem = (item: Item): CommitItem => {
  const parsed = parseItem(commitItemSchema, item, 'a commit');
  const { item: key, at, id, summary, expires, ...body } = parsed;
  return {
    version: Number(key.S.slice(COMMITS.length)),
    at: Number(at.N),
    id: id.S,
    archived: summary !== undefined && runSummarySchema.parse(JSON.parse(summary.S)).status === 'archived',
    body,
    stub: !hasBody(body),
    expiring: expires !== undefined,
    bytes: measureItem(item),
  };
};

const idSchema = z.object({ id: z.object({ S: z.string() }) });

/** The commit id of a standing item, if it has one. */
export const readCommitId = (item: Item): string | undefined => idSchema.safeParse(item).data?.id.S;
