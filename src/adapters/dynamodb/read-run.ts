// Reads a run: one query for its segments' names and its commits, then the texts that lie elsewhere.
import { parseCommit, type Commit } from '../../protocol/commit.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import { COMMIT_RANGE, readCommitItem, SEGMENTS_KEY, type CommitItem } from './commit-items.ts';
import type { DynamoClient, Item } from './dynamo-client.ts';
import { readBody } from './item-body.ts';
import { findCovered, isSegmentList, NO_SEGMENTS, readSegmentList, splitTexts, type SegmentList } from './segments.ts';

/** What reading needs. */
export interface RunReader {
  readonly client: DynamoClient;
  readonly table: string;
  readonly payloads: PayloadStore;
}

/** The items of a run. */
export interface RunItems {
  readonly list: SegmentList;
  /** In order of version; those that are in a segment as well, as long as they stay. */
  readonly commits: readonly CommitItem[];
}

/** Texts that are read from the payload store at once. */
const TEXTS_AT_ONCE = 8;
/** How often a run is read that is segmented meanwhile; one segmenting hides one page from one reading. */
const READINGS = 5;

/** One query, as many pages as it takes. */
export const readItems = async ({ client, table }: RunReader, run: string, operation: string, options: CallOptions): Promise<RunItems> => {
  let list = NO_SEGMENTS;
  const commits: CommitItem[] = [];
  let from: Item | undefined;
  do {
    const page = await client.query(
      {
        TableName: table,
        KeyConditionExpression: '#run = :run AND #item BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#run': 'run', '#item': 'item' },
        ExpressionAttributeValues: { ':run': { S: run }, ':from': { S: SEGMENTS_KEY }, ':to': { S: COMMIT_RANGE[1] } },
        ExclusiveStartKey: from,
      },
      { ...options, operation },
    );
    for (const item of page.items) {
      if (isSegmentList(item)) list = readSegmentList(item);
      else commits.push(readCommitItem(item));
    }
    from = page.next;
  } while (from !== undefined);
  return { list, commits };
};

const mapInOrder = async <A, B>(values: readonly A[], map: (value: A) => Promise<B>): Promise<readonly B[]> => {
  const results: B[] = [];
  for (let from = 0; from < values.length; from += TEXTS_AT_ONCE)
    results.push(...(await Promise.all(values.slice(from, from + TEXTS_AT_ONCE).map(map))));
  return results;
};

/** The texts of commits, in their order. */
export const readTexts = ({ payloads }: RunReader, commits: readonly CommitItem[], options: CallOptions): Promise<readonly string[]> =>
  mapInOrder(commits, ({ body }) => readBody(body, payloads, options));

/** A run as it was loaded. */
export interface LoadedRun extends RunItems {
  readonly loaded: readonly Commit[];
}

/**
 * A whole run, or the tombstone of an archived one.
 *
 * @throws UPGRADE_ME, PAYLOAD_MISSING, STORE_FAILED
 */
export const loadRun = async (reader: RunReader, run: string, options: CallOptions): Promise<LoadedRun> => {
  for (let reading = 1; reading <= READINGS; reading++) {
    const items = await readItems(reader, run, 'load', options);
    const newest = items.commits.at(-1);
    if (newest?.archived === true) return { ...items, loaded: (await readTexts(reader, [newest], options)).map(parseCommit) };
    const covered = findCovered(items.list);
    const rest = items.commits.filter(({ version }) => version > covered);
    // A page was read after its commits had gone into a segment, the list of segments before: the next reading sees both.
    if (rest.some(({ stub }) => stub)) continue;
    const segments = await mapInOrder(items.list.segments, ({ link }) => reader.payloads.get(link, options));
    const texts = [...segments.flatMap(splitTexts), ...(await readTexts(reader, rest, options))];
    return { ...items, loaded: texts.map(parseCommit) };
  }
  throw new StarquakeError('STORE_FAILED', `The run "${run}" has commits without a text that no segment has.`, {
    hint: 'Restore the run from a backup.',
  });
};
