// The simulated world that several connectors share: time, bus, stores, functions, and the ledger of what really happened.
import type { Manifest } from '../../../src/protocol/manifest.ts';
import { noFaults, type FaultMix } from '../faults.ts';
import type { Ledger } from '../ledger.ts';
import { createRandom, type Random } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { SimBus } from './sim-bus.ts';
import type { SimFunctions } from './sim-functions.ts';
import { SimRunStore } from './sim-run-store.ts';
import { SimTimerStore } from './sim-timer-store.ts';

/** The world. */
export class World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly ledger: Ledger;
  readonly bus: SimBus;
  readonly runs = new SimRunStore();
  readonly timers = new SimTimerStore();
  readonly archives = new Map<string, string>();
  readonly manifests: Manifest[] = [];
  readonly watchers = new Set<(manifest: Manifest) => void>();
  functions: SimFunctions | undefined;
  faults: FaultMix;

  constructor(options: { readonly seed: number; readonly start: number; readonly faults: FaultMix; readonly trace: Trace; readonly ledger: Ledger }) {
    this.scheduler = new Scheduler(options.start);
    this.random = createRandom(options.seed).fork('world');
    this.trace = options.trace;
    this.ledger = options.ledger;
    this.faults = options.faults;
    const tools = { scheduler: this.scheduler, random: this.random, drawDelay: () => this.drawDelay() };
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

  putManifest(manifest: Manifest): void {
    this.manifests.push(manifest);
    for (const watcher of this.watchers) watcher(manifest);
  }

  note(line: string): void {
    this.trace.add(this.now, line);
  }
}
