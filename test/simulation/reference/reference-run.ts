// What workflow code means, said a second time and without the engine: a run that is told its recorded events one by one, and holds every command against them.
import type { RunEvent } from '../../../src/protocol/events.ts';
import { agree } from './agree.ts';

/** An error as workflow code meets it. */
export class ReferenceError extends Error {
  readonly code: string;
  /** Number of the event that it tells of. */
  readonly told: number | undefined;

  constructor(code: string, told?: number) {
    super(code);
    this.code = code;
    this.told = told;
  }
}

/** Who waits for the end of a job, timer or child. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A command as the code asks for it: what of it can be known without the engine. */
export type Wanted = { readonly type: RunEvent['type']; readonly cause?: number; readonly [field: string]: unknown };

const readJson = (payload: object | undefined): unknown => (payload && 'json' in payload ? payload.json : undefined);

/** One beginning of a run, as its history tells it. */
export class ReferenceRun {
  readonly run: string;
  readonly #recorded: ReadonlyMap<number, RunEvent>;
  readonly #waiting = new Map<number, Waiting>();
  /** Sleeps and receives that a cancel ends, in the order in which they began. */
  readonly interrupts = new Set<(error: Error) => void>();
  readonly unread: { readonly signal: string; readonly value: unknown }[] = [];
  readonly receivers: { readonly signal: string; readonly take: (value: unknown) => void }[] = [];
  readonly undos: (() => unknown)[] = [];
  readonly undoable = new Set<Promise<unknown>>();
  /** Detached children that are open. */
  readonly detached = new Map<number, string>();
  readonly closed = new Map<number, Extract<RunEvent, { type: 'ChildClosed' }>>();
  /** What code and history disagree about. */
  readonly disagreements: string[] = [];
  readonly bindings = new Map<string, unknown>();
  emitted = 0;
  hasEnded = false;
  cancel: 'none' | 'requested' | 'thrown' = 'none';
  #throwing = false;
  delivering: RunEvent | undefined;

  constructor(run: string, recorded: ReadonlyMap<number, RunEvent>) {
    this.run = run;
    this.#recorded = recorded;
  }

  /** Asks for something. @returns the number of the event that records it; 0 if none does */
  emit(wanted: Wanted): number {
    if (this.hasEnded) return 0;
    const command = ++this.emitted;
    const recorded = this.#recorded.get(command);
    const { cause = this.delivering?.number, ...fields } = wanted;
    if (!recorded) {
      this.disagreements.push(`command ${command}, ${wanted.type}, is not recorded`);
      return 0;
    }
    const differing = Object.entries({ ...fields, cause }).find(([field, value]) => !agree(value, Reflect.get(recorded, field), this.bindings));
    if (differing) {
      this.disagreements.push(
        `command ${command} is event ${recorded.number} ${recorded.type}, and ${differing[0]} is ${JSON.stringify(Reflect.get(recorded, differing[0]))}, not ${JSON.stringify(differing[1])} of ${wanted.type}`,
      );
    }
    return recorded.number;
  }

  hasRecorded(type: RunEvent['type'], change: string): boolean {
    return [...this.#recorded.values()].some((event) => event.type === type && 'change' in event && event.change === change);
  }

  /** Commands that the history has and the code did not ask for. */
  get missing(): readonly RunEvent[] {
    return [...this.#recorded].filter(([command]) => command > this.emitted).map(([, event]) => event);
  }

  wait(number: number, waiting: Waiting): void {
    if (number > 0) this.#waiting.set(number, waiting);
  }

  /** Stops waiting. @returns whether it was still waited for */
  release(number: number): boolean {
    return this.#waiting.delete(number);
  }

  /** A cancel that was asked for is thrown once: at the next call that would wait, and at all calls beside it in the same breath. */
  meetsCancel(): boolean {
    if (this.#throwing) return true;
    if (this.cancel !== 'requested') return false;
    this.#throw();
    return true;
  }

  #throw(): void {
    this.cancel = 'thrown';
    this.#throwing = true;
    void Promise.resolve().then(() => {
      this.#throwing = false;
    });
  }

  /** The code is told of an event. */
  deliver(event: RunEvent): void {
    this.delivering = event;
    if (this.hasEnded) this.#takeNote(event);
    else this.#tell(event);
  }

  /** What comes after the code has ended is for its next beginning. */
  #takeNote(event: RunEvent): void {
    if (event.type === 'SignalReceived') this.unread.push({ signal: event.signal, value: readJson(event.value) });
    if (event.type === 'ChildClosed') this.detached.delete(event.child);
    if (event.type === 'CancelRequested') this.cancel = 'requested';
  }

  #tell(event: RunEvent): void {
    switch (event.type) {
      case 'JobSucceeded':
        return this.#end(event.job)?.resolve(readJson(event.output));
      case 'JobFailed':
        return this.#end(event.job)?.reject(new ReferenceError('JOB_FAILED', event.number));
      case 'JobCanceled':
        return this.#rejectCanceled(this.#end(event.job));
      case 'TimerFired':
        return this.#end(event.timer)?.resolve(undefined);
      case 'ChildClosed':
        this.detached.delete(event.child);
        this.closed.set(event.child, event);
        return this.tellClosed(event, this.#end(event.child));
      case 'SignalReceived':
        return this.putSignal(event.signal, readJson(event.value));
      case 'CancelRequested':
        return this.#requestCancel();
      default:
    }
  }

  #end(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  /** What was canceled with the run throws the run's cancel, if nothing did before. */
  #rejectCanceled(waiting: Waiting | undefined): void {
    if (!waiting) return;
    const first = this.cancel === 'requested';
    if (first) this.#throw();
    waiting.reject(new ReferenceError(first ? 'RUN_CANCELED' : 'JOB_CANCELED'));
  }

  /** Tells who waits for a child how it ended. */
  tellClosed(event: Extract<RunEvent, { type: 'ChildClosed' }>, waiting: Waiting | undefined): void {
    if (!waiting) return;
    if (event.outcome === 'completed') waiting.resolve(readJson(event.output));
    else if (event.outcome === 'canceled' && this.cancel === 'requested') this.#rejectCanceled(waiting);
    else waiting.reject(new ReferenceError(event.failure?.code ?? 'RUN_FAILED', event.number));
  }

  /** A signal goes to who has waited longest, or stays unread. */
  putSignal(signal: string, value: unknown): void {
    const at = this.receivers.findIndex((receiver) => receiver.signal === signal);
    const [receiver] = at < 0 ? [] : this.receivers.splice(at, 1);
    if (receiver) receiver.take(value);
    else this.unread.push({ signal, value });
  }

  #requestCancel(): void {
    this.cancel = 'requested';
    if (this.interrupts.size === 0) return;
    this.#throw();
    for (const interrupt of this.interrupts) interrupt(new ReferenceError('RUN_CANCELED'));
  }
}
