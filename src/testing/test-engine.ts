// What authors test their workflows with: the real engine in memory, where days pass at once and jobs may have stand-ins.
import { selectBeginning } from '../connector/orchestrator/decide-run.ts';
import { writeInbox } from '../engine/outbox/derivation.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { RunEvent } from '../protocol/events.ts';
import type { RunRow } from '../query/run-row.ts';
import { toMilliseconds, type Duration } from '../sdk/duration.ts';
import type { InputArguments, Workflow } from '../sdk/flow.ts';
import type { Signal } from '../sdk/signal.ts';
import { composeTestEngine, type ComposeOptions, type TestParts } from './compose.ts';

/** A run in a test. */
export interface TestRun<Output> {
  readonly runId: string;
  /**
   * Lets time pass, as much as it takes, until the run has ended.
   *
   * @throws RUN_FAILED, RUN_CANCELED, RUN_TERMINATED with the run's own failure; RUN_STATE when it waits for something that time does not bring
   */
  result(): Promise<Output>;
  signal<T>(signal: Signal<T>, value: T): Promise<void>;
  cancel(reason?: string): Promise<void>;
  /** What is known of the run now. */
  row(): RunRow | undefined;
  /** Its events so far. */
  history(): Promise<readonly RunEvent[]>;
}

/** How to start a run in a test. */
export interface TestStartOptions {
  readonly runId?: string;
}

const CALL = { timeoutMs: 60_000 };
/** Turns of the event loop without any step after which nothing more happens by itself. */
const QUIET_TURNS = 5;
/** A run that takes more turns than this in a test never rests. */
const MOST_TURNS = 1_000_000;
/** A run that has not ended after this waits for something else than time. */
const LONGEST_MS = 400 * 24 * 3600_000;

/** The whole engine in memory, on virtual time. */
export class TestEngine {
  readonly #parts: TestParts;
  #runs = 0;

  constructor(parts: TestParts) {
    this.#parts = parts;
  }

  /** Virtual time, in milliseconds since the epoch. */
  now(): number {
    return this.#parts.clock.now();
  }

  /**
   * Starts a run.
   *
   * @example
   * const run = await engine.start(bookTrip, { customer: 'ada' });
   * expect(await run.result()).toMatchObject({ payment: { receipt: 'r-1' } });
   */
  async start<I, O>(workflow: Workflow<I, O>, ...rest: InputArguments<NoInfer<I>, TestStartOptions>): Promise<TestRun<O>> {
    const [input, { runId = `run-${++this.#runs}` } = {}] = rest;
    const payload = input === undefined ? {} : { json: input };
    const { app } = this.#parts.manifest;
    await this.#send({
      type: 'StartRun',
      run: runId,
      app,
      workflow: workflow.name,
      input: payload,
      inputHash: JSON.stringify(payload),
      tags: {},
      requestId: `start/${runId}`,
    });
    return this.#handle<O>(runId);
  }

  /** Lets time pass; what comes due on the way happens at its own time. */
  async pass(duration: Duration): Promise<void> {
    const until = this.now() + toMilliseconds(duration);
    const { clock } = this.#parts;
    await this.#settle();
    for (let next = clock.nextAt; next !== undefined && next <= until; next = clock.nextAt) {
      clock.advanceTo(next);
      await this.#settle();
    }
    clock.advanceTo(until);
    await this.#settle();
  }

  async close(): Promise<void> {
    const closing = this.#parts.close();
    // What is in hand may wait for a moment of virtual time.
    let closed = false;
    void closing.finally(() => {
      closed = true;
    });
    while (!closed) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#parts.clock.advance(1000);
    }
    await closing;
  }

  async #send(draft: Parameters<typeof writeInbox>[0]): Promise<void> {
    await this.#parts.ports.bus.publish([writeInbox(draft)], CALL);
    await this.#settle();
  }

  /** Waits until nothing more happens without time passing. */
  async #settle(): Promise<void> {
    const { activity } = this.#parts;
    let [quiet, seen] = [0, -1];
    for (let turn = 0; quiet < QUIET_TURNS; turn++) {
      if (turn > MOST_TURNS) throw new StarquakeError('RUN_STATE', 'The engine does not come to rest: some workflow goes on without end.');
      await new Promise((resolve) => setImmediate(resolve));
      quiet = activity.steps === seen && activity.underWay === 0 ? quiet + 1 : 0;
      seen = activity.steps;
    }
  }

  #handle<O>(runId: string): TestRun<O> {
    const { projection, ports } = this.#parts;
    const requestId = (): string => ports.newId();
    return {
      runId,
      row: () => projection.find(runId),
      history: async () => selectBeginning(await ports.runs.load(runId, CALL)),
      result: () => this.#awaitResult<O>(runId),
      signal: (signal, value) =>
        this.#send({
          type: 'Signal',
          run: runId,
          signal: signal.name,
          value: value === undefined ? {} : { json: value },
          requestId: requestId(),
        }),
      cancel: (reason = 'the test asked for it') => this.#send({ type: 'Cancel', run: runId, reason, requestId: requestId() }),
    };
  }

  async #awaitResult<O>(runId: string): Promise<O> {
    const { clock, projection } = this.#parts;
    const until = clock.now() + LONGEST_MS;
    await this.#settle();
    while (projection.find(runId)?.closedAt === undefined) {
      const next = clock.nextAt;
      if (next === undefined || next > until)
        throw new StarquakeError(
          'RUN_STATE',
          `The run "${runId}" waits for something that time does not bring: a signal, or an administrator.`,
        );
      clock.advanceTo(next);
      await this.#settle();
    }
    return readResult<O>(runId, projection.find(runId));
  }
}

const readResult = <O>(runId: string, row: RunRow | undefined): O => {
  if (row?.status === 'completed') return (row.output && 'json' in row.output ? row.output.json : undefined) as O;
  const code = row?.status === 'canceled' ? 'RUN_CANCELED' : row?.status === 'terminated' ? 'RUN_TERMINATED' : 'RUN_FAILED';
  throw new StarquakeError(
    code,
    `The run "${runId}" ended as ${row?.status ?? 'nothing'}: ${row?.failure?.message ?? 'no reason is known'}`,
    { cause: row?.failure },
  );
};

/**
 * Opens a test engine; close it when the test is done.
 *
 * @param options - the app's entry file, and stand-ins for jobs
 * @throws BUNDLE_FAILED, APP_INVALID
 * @example
 * const engine = await openTestEngine({ entry: 'src/app.ts', jobs: { 'process-payment': () => ({ receipt: 'r-1' }) } });
 */
export const openTestEngine = async (options: ComposeOptions): Promise<TestEngine> => new TestEngine(await composeTestEngine(options));
