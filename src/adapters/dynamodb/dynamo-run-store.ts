// The histories of runs in DynamoDB: one item per commit, put on condition that its version is free.
import type { Commit, RunSummary } from '../../protocol/commit.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import type { AppendOutcome, Claim, ClaimOutcome, ClaimRequest, RunStore } from '../../ports/run-store.ts';
import { startDeadline } from '../aws-calls/start-deadline.ts';
import { ClaimItems, type ClaimKey } from './claim-items.ts';
import { COMMIT_RANGE, readCommitId, readSummaryOf, writeCommitHead } from './commit-items.ts';
import { measureItem, type DynamoClient, type Item } from './dynamo-client.ts';
import { writeBody } from './item-body.ts';
import { LooseBytes } from './loose-bytes.ts';
import { pruneItems } from './prune-run.ts';
import { loadRun, type RunReader } from './read-run.ts';
import { measureLoose, Segmenter } from './segmenter.ts';

/** What a run store is made of. */
export interface DynamoRunStoreOptions {
  readonly client: DynamoClient;
  /** Name of the table, made as `runsTable` says. */
  readonly table: string;
  /** Takes commits that are too large for an item, and segments. */
  readonly payloads: PayloadStore;
  readonly clock: Clock;
  /** Told what went wrong in the background; it is done at the next load. */
  readonly report: (error: unknown, doing: string) => void;
  /** A run is segmented when its commits outside of segments take more, bytes; 350 KB by default. */
  readonly looseBytes?: number;
}

const LOOSE_BYTES = 350 * 1024;

/**
 * The run store on DynamoDB.
 *
 * The summary is an attribute of each commit's item, and a summary is read by one query of the newest item. A `head` item per run
 * would make that read half a unit cheaper and each append four write units instead of one (a transaction of two items, at twice
 * the price); reads of summaries are rare, as only attempts that may be copies need them, and a body over 64 KB is not in the
 * item, so that the read is 1 unit as a rule and 17 at most.
 */
export class DynamoRunStore implements RunStore {
  readonly #options: DynamoRunStoreOptions;
  readonly #reader: RunReader;
  readonly #claims: ClaimItems;
  readonly #segmenter: Segmenter;
  readonly #loose: LooseBytes;

  constructor(options: DynamoRunStoreOptions) {
    const { client, table, payloads, clock, report, looseBytes = LOOSE_BYTES } = options;
    this.#options = options;
    this.#reader = { client, table, payloads };
    this.#claims = new ClaimItems(client, table);
    this.#segmenter = new Segmenter({ client, table, payloads, clock, report, looseBytes });
    this.#loose = new LooseBytes(looseBytes);
  }

  async load(run: string, options: CallOptions): Promise<readonly Commit[]> {
    const read = await loadRun(this.#reader, run, startDeadline(options));
    this.#loose.set(run, measureLoose(read));
    this.#segmenter.attend(run, read, options);
    return read.loaded;
  }

  /** An append that is sent again because its answer was lost knows its own commit by its id. */
  async append(commit: Commit, text: string, options: CallOptions): Promise<AppendOutcome> {
    const call = startDeadline(options);
    const head = writeCommitHead(commit);
    const item: Item = { ...head, ...(await writeBody(head, text, this.#options.payloads, { ...call, run: commit.run })) };
    const outcome = await this.#options.client.put(
      {
        TableName: this.#options.table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item' },
      },
      { ...call, operation: 'append' },
    );
    if (outcome.kind === 'refused' && !(outcome.repeated && readCommitId(outcome.standing) === commit.id)) return 'conflict';
    if (this.#loose.add(commit.run, measureItem(item))) this.#segmenter.schedule(commit.run, options.onConsumed);
    return 'appended';
  }

  async readSummary(run: string, options: CallOptions): Promise<RunSummary | undefined> {
    const { items } = await this.#options.client.query(
      {
        TableName: this.#options.table,
        KeyConditionExpression: '#run = :run AND #item BETWEEN :from AND :to',
        ProjectionExpression: '#summary',
        ExpressionAttributeNames: { '#run': 'run', '#item': 'item', '#summary': 'summary' },
        ExpressionAttributeValues: { ':run': { S: run }, ':from': { S: COMMIT_RANGE[0] }, ':to': { S: COMMIT_RANGE[1] } },
        ScanIndexForward: false,
        Limit: 1,
      },
      { ...options, operation: 'readSummary' },
    );
    const [newest] = items;
    return newest && readSummaryOf(newest);
  }

  claim(request: ClaimRequest, options: CallOptions): Promise<ClaimOutcome> {
    return this.#claims.claim(request, options);
  }

  readClaim(key: ClaimKey, options: CallOptions): Promise<Claim | undefined> {
    return this.#claims.read(key, options);
  }

  finishClaim(request: Omit<ClaimRequest, 'leaseUntil' | 'now'>, options: CallOptions): Promise<boolean> {
    return this.#claims.finish(request, options);
  }

  prune(run: string, belowVersion: number, now: number, options: CallOptions): Promise<void> {
    return pruneItems(this.#reader, run, belowVersion, now, startDeadline(options));
  }

  /** Resolves when no run is being segmented, nor waits to be. */
  settle(): Promise<void> {
    return this.#segmenter.settle();
  }

  /** Ends what is done in the background; the client stays open. */
  close(): Promise<void> {
    return this.#segmenter.close();
  }
}

/**
 * Makes a run store.
 *
 * @example
 * const client = createDynamoClient({ region: 'eu-west-1' });
 * const runs = createDynamoRunStore({ client, table: 'starquake-runs', payloads, clock: systemClock, report });
 */
export const createDynamoRunStore = (options: DynamoRunStoreOptions): DynamoRunStore => new DynamoRunStore(options);
