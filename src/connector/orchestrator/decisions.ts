// Sends runs to their decision function in batches that form by themselves: while one is in flight, the next one fills.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { decisionAnswerSchema, runDecisionSchema, type DecisionRequest, type RunDecision } from '../../protocol/functions.ts';
import { findPartition } from '../../protocol/partition.ts';
import type { Failure } from '../../protocol/payload.ts';
import { findTenant } from '../../protocol/tenant.ts';
import type { InvocationResult } from '../../ports/functions.ts';
import type { ConnectorContext } from '../context/context.ts';
import { isUnbegun, judgeInvocation } from '../context/judge-invocation.ts';

/** A function that could not begin is asked this often, after pauses that double, before its runs are blocked. */
const MOST_WAITS = 5;
const FIRST_WAIT_MS = 250;
/** An invocation that takes longer than this holds nobody else up. */
const LONG_MS = 250;

/** Why a decision function gave no answer, in words about the decision. */
const describeFailure = ({ code, message }: Failure): Failure => ({
  code: code === 'FUNCTION_TIMED_OUT' ? 'DECISION_TIMED_OUT' : code,
  name: 'StarquakeError',
  message: `The decision could not be computed: ${message}`,
});

/** A run to be decided. */
export interface DecisionTask {
  readonly function: string;
  /** Version that the function is spoken to in. */
  readonly functionVersion: number;
  readonly app: string;
  readonly workflow: string;
  readonly run: string;
  /** DecisionInput as JSON. */
  readonly input: string;
}

interface Waiting {
  readonly task: DecisionTask;
  readonly resolve: (decision: RunDecision) => void;
}

interface Slot {
  readonly name: string;
  readonly number: number;
  readonly waiting: Waiting[];
  inFlight: number;
  /** Of those in flight, the ones that take long. */
  long: number;
}

const blocked = (failure: Failure): RunDecision => ({ kind: 'blocked', failure });

/** Computes decisions through the `Functions` port. */
export class Decisions {
  readonly #context: ConnectorContext;
  readonly #slots = new Map<string, Slot>();
  /** Runs that failed alone are decided alone until they succeed (rule 9). */
  readonly #alone = new Set<string>();
  readonly #open = new Set<DecisionTask>();
  readonly #onTrouble: (run: string) => void;

  /** @param onTrouble - is told of each run that waits for a function which gave no answer */
  constructor(context: ConnectorContext, onTrouble: (run: string) => void) {
    this.#context = context;
    this.#onTrouble = onTrouble;
  }

  /** Never rejects: what cannot be computed blocks the run. */
  decide(task: DecisionTask): Promise<RunDecision> {
    return new Promise((answer) => {
      const resolve = (decision: RunDecision): void => {
        this.#open.delete(task);
        answer(decision);
      };
      this.#open.add(task);
      const number = findPartition(task.run, this.#context.settings.decisionSlots);
      // A batch is for one tenant where their values are sealed apart: its functions are given that tenant's key, and no other.
      const name = `${task.function} ${number} ${this.#context.settings.separateTenants ? findTenant(task.run) : ''}`;
      const slot = this.#slots.get(name) ?? { name, number, waiting: [], inFlight: 0, long: 0 };
      this.#slots.set(name, slot);
      slot.waiting.push({ task, resolve });
      // The rest of this turn's mail joins the batch.
      const { length } = slot.waiting;
      if (length === 1 || length === this.#context.settings.decisionBatchRuns) queueMicrotask(() => this.#send(slot));
    });
  }

  #send(slot: Slot): void {
    const { clock } = this.#context.ports;
    while (this.#mayBegin(slot)) {
      const batch = this.#takeBatch(slot);
      slot.inFlight += 1;
      let long = 0;
      const cancel = clock.setTimer(clock.now() + LONG_MS, () => {
        long = 1;
        slot.long += 1;
        this.#send(slot);
      });
      void this.#decideBatch(slot.number, batch)
        .catch((error: unknown) => this.#blockAll(batch, error))
        .finally(() => {
          cancel();
          slot.long -= long;
          slot.inFlight -= 1;
          this.#send(slot);
          // With a slot for each tenant they would come to be many.
          if (slot.inFlight === 0 && slot.waiting.length === 0) this.#slots.delete(slot.name);
        });
    }
  }

  /** One at a time, so that batches fill, and a live run is found in the one process that is in use; others beside what takes long, and full ones. */
  #mayBegin({ waiting, inFlight, long }: Slot): boolean {
    const { decisionsInFlight, decisionBatchRuns } = this.#context.settings;
    return waiting.length > 0 && inFlight < decisionsInFlight && (inFlight === long || waiting.length >= decisionBatchRuns);
  }

  #takeBatch({ waiting }: Slot): readonly Waiting[] {
    const { decisionBatchRuns, decisionBatchCharacters } = this.#context.settings;
    const first = waiting[0];
    if (first && this.#alone.has(first.task.run)) return waiting.splice(0, 1);
    let [count, characters] = [0, 0];
    for (const { task } of waiting) {
      characters += task.input.length;
      if (count > 0 && (count >= decisionBatchRuns || characters > decisionBatchCharacters || this.#alone.has(task.run))) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async #decideBatch(slot: number, batch: readonly Waiting[], waits = 0): Promise<void> {
    const decisions = await this.#invoke(slot, batch);
    if (Array.isArray(decisions)) {
      for (const [index, { task, resolve }] of batch.entries()) {
        const decision =
          decisions[index] ??
          blocked({ code: 'DECISION_CRASHED', name: 'StarquakeError', message: 'The decision function answered too few runs.' });
        if (decision.kind === 'blocked') this.#alone.add(task.run);
        else this.#alone.delete(task.run);
        resolve(decision);
      }
      return;
    }
    const rule = judgeInvocation(decisions.code);
    if (rule === 'wait' && waits < MOST_WAITS) {
      await this.#context.calls.pause(FIRST_WAIT_MS * 2 ** waits);
      return this.#decideBatch(slot, batch, waits + 1);
    }
    // It was none of the runs: each is blocked, and tries again by itself.
    if (isUnbegun(rule)) return batch.forEach(({ resolve }) => resolve(blocked(decisions)));
    if (batch.length > 1) {
      for (const waiting of batch) await this.#decideBatch(slot, [waiting]);
      return;
    }
    for (const { task, resolve } of batch) {
      // A function that crashed may have been taken down by a neighbour: a run that was not known to be at fault is tried once more.
      const again = decisions.code === 'FUNCTION_CRASHED' && !this.#alone.has(task.run);
      this.#alone.add(task.run);
      if (again) await this.#decideBatch(slot, batch);
      else resolve(blocked(decisions));
    }
  }

  /** Trouble that nobody foresaw blocks the runs like any other, so that they are tried again by themselves. */
  #blockAll(batch: readonly Waiting[], error: unknown): void {
    const failure = this.#describeTrouble(error);
    for (const { resolve } of batch) resolve(blocked(failure));
  }

  #describeTrouble(error: unknown): Failure {
    this.#context.ports.report(error, 'deciding');
    return { code: 'DECISION_CRASHED', name: 'StarquakeError', message: error instanceof Error ? error.message : String(error) };
  }

  /** All that wait for this function wait the longer for it. */
  #noteTrouble(functionName: string): void {
    for (const task of this.#open) if (task.function === functionName) this.#onTrouble(task.run);
  }

  /** The decisions of a batch, or why there are none. */
  async #invoke(slot: number, batch: readonly Waiting[]): Promise<RunDecision[] | Failure> {
    const { ports, settings, calls, meter, payloads } = this.#context;
    const task = batch[0]?.task;
    if (!task) return [];
    const runs = batch.map((waiting) => waiting.task.input);
    const timeoutMs = settings.decisionTimeoutMs;
    let result: InvocationResult;
    try {
      const [links, grant] = await Promise.all([payloads.findLinks(task.run, runs), payloads.findGrant(task.run)]);
      const request: DecisionRequest = { v: task.functionVersion, now: ports.clock.now(), links, grant, runs };
      result = await calls.within('the decision function', timeoutMs + settings.callTimeoutMs, () =>
        ports.functions.invoke(task.function, JSON.stringify(request), { timeoutMs, slot }),
      );
    } catch (error) {
      this.#noteTrouble(task.function);
      return this.#describeTrouble(error);
    }
    if (result.kind === 'failed') this.#noteTrouble(task.function);
    const served = batch.map((waiting) => ({ run: waiting.task.run, workflow: waiting.task.workflow }));
    if (result.kind === 'failed' && isUnbegun(judgeInvocation(result.failure.code))) return describeFailure(result.failure);
    meter.record(
      {
        function: task.function,
        kind: 'decision',
        app: task.app,
        outcome: result.kind === 'answered' ? 'decided' : 'crashed',
        runs: served,
      },
      result.report,
    );
    return result.kind === 'answered' ? this.#read(result.payload) : describeFailure(result.failure);
  }

  #read(payload: string): RunDecision[] | Failure {
    try {
      return decisionAnswerSchema.parse(JSON.parse(payload)).runs.map((text) => runDecisionSchema.parse(JSON.parse(text)));
    } catch (error) {
      this.#context.ports.report(
        new StarquakeError('DECISION_CRASHED', 'The decision function answered something else than decisions.', { cause: error }),
        'deciding',
      );
      return { code: 'DECISION_CRASHED', name: 'StarquakeError', message: 'The decision function answered something else than decisions.' };
    }
  }
}
