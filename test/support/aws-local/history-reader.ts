// Reads `history` as far as it goes, again and again: which commits there are, and how often and how each run has ended.
import { commitSchema, type Commit } from '../../../src/protocol/commit.ts';
import type { RunEvent } from '../../../src/protocol/events.ts';
import { topics } from '../../../src/protocol/topics.ts';
import type { Bus } from '../../../src/ports/bus.ts';
import { z } from 'zod';

const CALL = { timeoutMs: 30_000 };
const BATCH = 500;
const LOOK_MS = 250;

/** Of commits of any version: what changes in one is for its own test to know. */
const messageSchema = z.looseObject({ type: z.string(), data: z.unknown().exactOptional() });

const ends: ReadonlySet<string> = new Set(['RunCompleted', 'RunFailed', 'RunCanceled', 'RunTerminated', 'RunRefused']);
/** Whether an event closes a run. */
const isEnd = ({ type }: RunEvent): boolean => ends.has(type);

/** What was committed. */
export class HistoryReader {
  readonly #bus: Bus;
  readonly #positions = new Map<number, number>();
  /** A commit may have been published again: once by its run and id. */
  readonly #commits = new Map<string, Commit>();

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** All commits that were read, each once. */
  get commits(): readonly Commit[] {
    return [...this.#commits.values()];
  }

  /** All events of a run, in order. */
  listEvents(run: string): readonly RunEvent[] {
    const own = this.commits.filter((commit) => commit.run === run).toSorted((one, other) => one.version - other.version);
    return own.flatMap(({ events }) => events);
  }

  /** Events that ended runs, by run. */
  findEnds(): ReadonlyMap<string, readonly RunEvent[]> {
    const found = new Map<string, RunEvent[]>();
    for (const { run, events } of this.#commits.values())
      for (const event of events) if (isEnd(event)) found.set(run, [...(found.get(run) ?? []), event]);
    return found;
  }

  /** Reads what is new. */
  async read(): Promise<void> {
    for (let partition = 0; partition < topics.history.partitions; partition++) {
      for (;;) {
        const messages = await this.#bus.readStream(topics.history.name, partition, this.#positions.get(partition) ?? 0, BATCH, CALL);
        for (const { body, position } of messages) {
          this.#positions.set(partition, position + 1);
          const { type, data } = messageSchema.parse(JSON.parse(body));
          if (type !== 'starquake.commit') continue;
          const commit = commitSchema.parse(data);
          this.#commits.set(`${commit.run} ${commit.id}`, commit);
        }
        if (messages.length < BATCH) break;
      }
    }
  }

  /** Reads until a condition holds. @throws Error that says what did not come about */
  async until(what: string, timeoutMs: number, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      await this.read();
      if (holds()) return;
      if (performance.now() > deadline) throw new Error(`It did not come about within ${timeoutMs} ms: ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Reads until all of these runs have ended. */
  async untilEnded(runs: readonly string[], timeoutMs: number): Promise<void> {
    const missing = (): readonly string[] => runs.filter((run) => !this.findEnds().has(run));
    await this.until(`${runs.length} runs end`, timeoutMs, () => missing().length === 0).catch((error: unknown) => {
      const open = missing().map(
        (run) =>
          `${run}: ${this.listEvents(run)
            .map(({ type }) => type)
            .join(' ')}`,
      );
      throw new Error(`${open.length} runs are open:\n${open.slice(0, 20).join('\n')}`, { cause: error });
    });
  }
}
