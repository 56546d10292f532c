// Lets go of the versions below a tombstone: what is old enough at once, the rest by its time to live (rule 2).
import type { CallOptions } from '../../ports/clock.ts';
import { keyOf, nameCommit, SEGMENTS_KEY, type CommitItem } from './commit-items.ts';
import { readItems, type RunReader } from './read-run.ts';
import { chooseExpiry } from './segmenter.ts';

/** A version stays this long after the next one was made. */
const LOCK_OUTLIVES_MS = 24 * 3600_000;

/** Each version below the bound with the time when its successor was made; one without a successor stays. */
const listSuperseded = (commits: readonly CommitItem[], belowVersion: number) =>
  commits.flatMap((commit, index) => {
    const successor = commits[index + 1];
    return successor && commit.version < belowVersion ? [{ commit, successorAt: successor.at }] : [];
  });

/**
 * Prunes a run. The commits are deleted in batches: a write unit each, the same as giving each a time to live.
 *
 * @param now - decides which versions are old enough, milliseconds since the epoch
 */
export const pruneItems = async (
  reader: RunReader,
  run: string,
  belowVersion: number,
  now: number,
  options: CallOptions,
): Promise<void> => {
  const { client, table } = reader;
  const { list, commits } = await readItems(reader, run, 'prune', options);
  const superseded = listSuperseded(commits, belowVersion);
  const over = superseded.filter(({ successorAt }) => successorAt + LOCK_OUTLIVES_MS <= now);
  const keys = over.map(({ commit }) => nameCommit(commit.version));
  const isLast = commits.at(-1)?.archived === true && superseded.length === over.length;
  if (isLast && list.segments.length > 0) keys.push(SEGMENTS_KEY);
  await client.writeAll(
    table,
    keys.map((item) => ({ DeleteRequest: { Key: keyOf(run, item) } })),
    { ...options, operation: 'prune' },
  );
  for (const { commit, successorAt } of superseded) {
    if (commit.expiring || successorAt + LOCK_OUTLIVES_MS <= now) continue;
    await client.update(
      {
        TableName: table,
        Key: keyOf(run, nameCommit(commit.version)),
        UpdateExpression: 'SET #expires = :expires',
        ConditionExpression: 'attribute_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item', '#expires': 'expires' },
        ExpressionAttributeValues: { ':expires': { N: String(chooseExpiry(now, successorAt)) } },
      },
      { ...options, operation: 'prune' },
    );
  }
};
