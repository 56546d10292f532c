// The simulated world that several connectors share: time, bus, stores, functions, and the ledger of what really happened.
import type { InvocationResult, InvokeOptions } from '../../../src/ports/functions.ts';
import type { AppendOutcome } from '../../../src/ports/run-store.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import type { JobRequest } from '../../../src/protocol/functions.ts';
import type { Manifest } from '../../../src/protocol/manifest.ts';
import { AttemptRules } from '../ledger/attempt-rules.ts';
import { noFaults, type FaultMix } from '../clockwork/faults.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createRandom, type Random } from '../clockwork/random.ts';
import { Scheduler } from '../clockwork/scheduler.ts';
import type { Trace } from '../clockwork/trace.ts';
import type { Process } from './process.ts';
import { SimBus } from './sim-bus.ts';
import { readKind } from './function-names.ts';
import type { SimRunStore } from './sim-run-store.ts';
import { SimTimerStore } from './sim-timer-store.ts';

/** A broker misses a dead process after at most this long. */
const DETECTION_MS = 30_000;

/** Where functions are run. */
export interface InvokePlace {
  invoke(process: Process, name: string, payload: string, options: InvokeOptions, answer: (result: InvocationResult) => void): void;
}

/** The world. */
export class World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly ledger: Ledger;
  readonly attempts: AttemptRules;
  readonly bus: SimBus;
  readonly runs: SimRunStore;
  readonly timers = new SimTimerStore();
  readonly archives = new Map<string, string>();
  readonly manifests: Manifest[] = [];
  readonly watchers = new Set<(manifest: Manifest) => void>();
  functions: InvokePlace | undefined;
  faults: FaultMix;
  /** Is told of every process that dies. */
  onCrash: (process: Process) => void = () => undefined;

  constructor(options: {
    readonly seed: number;
    readonly start: number;
    readonly faults: FaultMix;
    readonly trace: Trace;
    readonly ledger: Ledger;
    readonly runs: SimRunStore;
  }) {
    this.scheduler = new Scheduler(options.start);
    this.random = createRandom(options.seed).fork('world');
    this.trace = options.trace;
    this.ledger = options.ledger;
    this.runs = options.runs;
    this.attempts = new AttemptRules((violation) => this.ledger.fail(violation));
    this.faults = options.faults;
    const tools = {
      scheduler: this.scheduler,
      random: this.random,
      drawDelay: () => this.drawDelay(),
      note: (line: string) => this.note(line),
    };
    this.bus = new SimBus(tools, (message) => this.ledger.notePublished(message));
  }

  get now(): number {
    return this.scheduler.now;
  }

  /** How long something is on its way, in milliseconds. */
  drawDelay(): number {
    const { usualDelayMs, slow, slowDelayMs } = this.faults;
    return this.random.chance(slow) ? this.random.int(0, slowDelayMs) : this.random.int(0, usualDelayMs);
  }

  /** From now on nothing goes wrong. */
  endFaults(): void {
    this.faults = noFaults;
  }

  /** A process dies; the bus learns of it a while later. */
  crash(process: Process, why: string): void {
    if (process.isDead) return;
    this.note(`${process.name} dies ${why}`);
    process.kill();
    this.scheduler.after(this.random.int(0, DETECTION_MS), () => this.bus.disconnect(process));
    this.onCrash(process);
  }

  append(commit: Commit, text: string): AppendOutcome {
    const appended = this.runs.append(commit, text, this.now);
    this.note(
      `${commit.run} v${commit.version} ${appended ? 'is' : 'is not'} ${commit.id}: ${commit.messages.join(', ')} -> ${commit.events.map(({ number, type }) => `${number} ${type}`).join(', ')}`,
    );
    if (appended) this.ledger.noteAppended(commit, text);
    return appended ? 'appended' : 'conflict';
  }

  /** A process has a function run. */
  noteInvoked(process: Process, name: string, payload: string): void {
    if (readKind(name) !== 'jobs') return;
    const { attempt } = JSON.parse(payload) as JobRequest;
    this.ledger.noteAttempted(attempt.run, attempt.job);
    this.attempts.checkInvoked(process.name, attempt);
  }

  /** What a connector reports is a fault that was made, or a mistake of the connector. */
  noteReport(process: Process, error: unknown, doing: string): void {
    const { code, name, message }: { code?: unknown; name?: unknown; message?: unknown } = Object(error);
    const isExpected = code === 'CALL_TIMED_OUT' || name === 'SimulatedFault' || /crashed|took too long/.test(String(message));
    this.note(`${process.name} reports ${doing}: ${String(error)}`);
    if (!isExpected)
      this.ledger.fail(`${process.name} reports ${doing}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  putManifest(manifest: Manifest): void {
    this.manifests.push(manifest);
    for (const watcher of this.watchers) watcher(manifest);
  }

  note(line: string): void {
    this.trace.add(this.now, line);
  }
}
