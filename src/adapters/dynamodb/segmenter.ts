// Puts the old commits of a long run into the payload store, in the background, so that a load reads few items (rule 2).
import type { CallOptions, Clock, Consumption } from '../../ports/clock.ts';
import { startDeadline } from '../aws-calls/start-deadline.ts';
import { keyOf, nameCommit, type CommitItem } from './commit-items.ts';
import { BODY_ATTRIBUTES } from './item-body.ts';
import { readItems, readTexts, type LoadedRun, type RunItems, type RunReader } from './read-run.ts';
import { findCovered, joinTexts, NO_SEGMENTS, writeSegmentList, type SegmentList } from './segments.ts';

/** What segmenting needs. */
export interface SegmenterOptions extends RunReader {
  readonly clock: Clock;
  /** Commits of a run outside of segments may take this many bytes. */
  readonly looseBytes: number;
  readonly report: (error: unknown, doing: string) => void;
}

/** Texts of one segment, characters. */
const SEGMENT_LENGTH = 4 * 1024 * 1024;
const AT_ONCE = 2;
const WAITING_LIMIT = 1000;
const WRITES_AT_ONCE = 8;
/** For all requests of one run. */
const WORK_TIMEOUT_MS = 120_000;
const DAY_MS = 24 * 3600_000;
/** A day, and an hour for clocks that differ (rule 2). */
const LOCK_MS = 25 * 3600_000;
/** A segment this old is put again when its run is loaded, since the payload store deletes by age. */
const REFRESH_MS = 7 * DAY_MS;

type Tell = ((consumption: Consumption) => void) | undefined;

/** The second since the epoch from which on a version may go whose successor was made at `successorAt`. */
export const chooseExpiry = (now: number, successorAt: number): number => Math.ceil((Math.max(now, successorAt) + LOCK_MS) / 1000);

/** How many bytes of a run lie outside of segments. */
export const measureLoose = ({ list, commits }: RunItems): number => {
  const covered = findCovered(list);
  return commits.reduce((sum, { version, bytes }) => (version > covered ? sum + bytes : sum), 0);
};

/** Segments runs that are too long to load quickly; safe beside others that do the same, and stopped at any point. */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #waiting = new Map<string, Tell>();
  readonly #working = new Map<string, Promise<void>>();
  #closed = false;

  constructor(options: SegmenterOptions) {
    this.#options = options;
  }

  /** Takes note of what a load saw. */
  attend(run: string, { list, commits, loaded }: LoadedRun, { onConsumed }: CallOptions): void {
    if (loaded.length === 0 || commits.at(-1)?.archived === true) return;
    const covered = findCovered(list);
    const isLong = measureLoose({ list, commits }) > this.#options.looseBytes;
    const isHalfDone = commits.some(({ version, stub }) => version <= covered && !stub);
    const isOld = list.segments.some(({ putAt }) => this.#options.clock.now() - putAt > REFRESH_MS);
    if (isLong || isHalfDone || isOld) this.schedule(run, onConsumed);
  }

  /** Segments a run soon, if it still needs it then. What does not fit in the queue comes up at the next load. */
  schedule(run: string, tell: Tell): void {
    if (this.#closed || this.#waiting.size >= WAITING_LIMIT) return;
    this.#waiting.set(run, tell);
    this.#turn();
  }

  /** Resolves when nothing is under way or waiting. */
  async settle(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working.values());
  }

  /** Begins nothing more; resolves when what is under way has ended, which it does within its deadlines. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    await this.settle();
  }

  #turn(): void {
    for (const [run, tell] of this.#waiting) {
      if (this.#working.size >= AT_ONCE) return;
      if (this.#working.has(run)) continue;
      this.#waiting.delete(run);
      const work = this.#segment(run, startDeadline({ timeoutMs: WORK_TIMEOUT_MS, ...(tell && { onConsumed: tell }) }))
        .catch((error: unknown) => this.#options.report(error, `segmenting the run "${run}"`))
        .finally(() => {
          this.#working.delete(run);
          this.#turn();
        });
      this.#working.set(run, work);
    }
  }

  /** The segment first, its name next, then its commits' texts go: wherever this ends, a load finds every commit once. */
  async #segment(run: string, call: CallOptions): Promise<void> {
    const items = await readItems(this.#options, run, 'segment', call);
    if (items.commits.at(-1)?.archived === true) return;
    const { list } = items;
    const refreshed = await this.#refresh(run, list, call);
    const added = measureLoose(items) > this.#options.looseBytes ? await this.#add(run, items, refreshed, call) : refreshed;
    if (added !== list && !(await this.#putList(run, list, added, call))) return;
    await this.#strip(run, items.commits, findCovered(added), call);
  }

  async #refresh(run: string, list: SegmentList, call: CallOptions): Promise<SegmentList> {
    const { payloads, clock } = this.#options;
    const now = clock.now();
    const segments = [...list.segments];
    for (const [index, segment] of segments.entries()) {
      if (now - segment.putAt <= REFRESH_MS) continue;
      await payloads.put(await payloads.get(segment.link, call), { ...call, run });
      segments[index] = { ...segment, putAt: now };
    }
    return segments.some((segment, index) => segment !== list.segments[index]) ? { ...list, segments } : list;
  }

  /** One segment more, of all that follows without a gap but the newest commit, which is read for its summary. */
  async #add(run: string, { commits }: RunItems, list: SegmentList, call: CallOptions): Promise<SegmentList> {
    const from = findCovered(list) + 1;
    const loose = commits.filter(({ version }) => version >= from).slice(0, -1);
    const gap = loose.findIndex(({ version }, index) => version !== from + index);
    const texts: string[] = [];
    let length = 0;
    for (const commit of gap < 0 ? loose : loose.slice(0, gap)) {
      const [text = ''] = await readTexts(this.#options, [commit], call);
      if (texts.length > 0 && length + text.length > SEGMENT_LENGTH) break;
      texts.push(text);
      length += text.length;
    }
    if (texts.length === 0) return list;
    const link = await this.#options.payloads.put(joinTexts(texts), { ...call, run });
    const segment = { link, from, to: from + texts.length - 1, putAt: this.#options.clock.now() };
    return { ...list, segments: [...list.segments, segment] };
  }

  /** Whether the list is now the one in the table; another segmenter was quicker if not. */
  async #putList(run: string, before: SegmentList, after: SegmentList, call: CallOptions): Promise<boolean> {
    const item = writeSegmentList(run, { ...after, revision: before.revision + 1 });
    const isFirst = before.revision === NO_SEGMENTS.revision;
    const outcome = await this.#options.client.put(
      {
        TableName: this.#options.table,
        Item: item,
        ConditionExpression: isFirst ? 'attribute_not_exists(#item)' : '#revision = :before',
        ExpressionAttributeNames: isFirst ? { '#item': 'item' } : { '#revision': 'revision' },
        ...(!isFirst && { ExpressionAttributeValues: { ':before': { N: String(before.revision) } } }),
      },
      { ...call, operation: 'segment' },
    );
    return outcome.kind === 'written' || outcome.standing['segments']?.S === item['segments']?.S;
  }

  /** Items of covered versions keep their place for a day, without their texts. */
  async #strip(run: string, commits: readonly CommitItem[], covered: number, call: CallOptions): Promise<void> {
    const left = [...commits.entries()].filter(([, { version, stub }]) => version <= covered && !stub);
    const now = this.#options.clock.now();
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [index, { version }] = next;
        const expires = chooseExpiry(now, commits[index + 1]?.at ?? now);
        await this.#options.client.update(
          {
            TableName: this.#options.table,
            Key: keyOf(run, nameCommit(version)),
            UpdateExpression: `SET #expires = :expires REMOVE #summary, ${BODY_ATTRIBUTES.map((name) => `#${name}`).join(', ')}`,
            ConditionExpression: 'attribute_exists(#item)',
            ExpressionAttributeNames: Object.fromEntries(
              ['item', 'expires', 'summary', ...BODY_ATTRIBUTES].map((name) => [`#${name}`, name]),
            ),
            ExpressionAttributeValues: { ':expires': { N: String(expires) } },
          },
          { ...call, operation: 'segment' },
        );
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, work));
  }
}
