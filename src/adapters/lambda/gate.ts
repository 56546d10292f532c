// Lets invocations in: so many of one function, so many in all, the others wait in order.
import type { CancelTimer, Clock } from '../../ports/clock.ts';
import { Ramp } from './ramp.ts';

/** How many are let in. */
export interface GateOptions {
  readonly clock: Clock;
  /** Most of one function. */
  readonly perFunction: number;
  /** Most in all. */
  readonly total: number;
}

/** How an invocation left. */
export type Leaving = { readonly throttled: false } | { readonly throttled: true; readonly retryAfterMs?: number };

interface Lane {
  readonly name: string;
  readonly ramp: Ramp;
  readonly waiting: Set<() => void>;
  inFlight: number;
  cancelTimer: CancelTimer | undefined;
}

/** Where invocations wait for their turn, function by function. */
export class Gate {
  readonly #options: GateOptions;
  /** In the order in which they get a turn. */
  readonly #lanes = new Map<string, Lane>();
  #inFlight = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** How many invocations are in flight, and how many wait. */
  count(): { readonly inFlight: number; readonly waiting: number } {
    let waiting = 0;
    for (const lane of this.#lanes.values()) waiting += lane.waiting.size;
    return { inFlight: this.#inFlight, waiting };
  }

  /**
   * Waits for a turn.
   *
   * @param begin - called once there is room, maybe at once; it is in flight from then until `leave`
   * @returns how to stop waiting; it changes nothing for what is in flight
   */
  enter(name: string, begin: () => void): () => void {
    const lane = this.#lanes.get(name) ?? this.#open(name);
    lane.ramp.noteWanted(this.#options.clock.now(), lane.inFlight);
    // One of its own, so that the same function may wait twice.
    const waiter = (): void => begin();
    lane.waiting.add(waiter);
    this.#let(lane);
    return () => {
      lane.waiting.delete(waiter);
      if (lane.waiting.size === 0) this.#stopTimer(lane);
    };
  }

  /** Ends what was in flight. */
  leave(name: string, leaving: Leaving): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return;
    const now = this.#options.clock.now();
    if (leaving.throttled) lane.ramp.noteThrottled(now, leaving.retryAfterMs);
    else lane.ramp.noteAnswered(now);
    lane.inFlight -= 1;
    this.#inFlight -= 1;
    for (const other of Array.from(this.#lanes.values())) if (other.waiting.size > 0) this.#let(other);
  }

  #open(name: string): Lane {
    const lane: Lane = { name, ramp: new Ramp(this.#options.perFunction), waiting: new Set(), inFlight: 0, cancelTimer: undefined };
    this.#lanes.set(name, lane);
    return lane;
  }

  #let(lane: Lane): void {
    const { clock, total } = this.#options;
    for (const begin of lane.waiting) {
      if (this.#inFlight >= total || lane.inFlight >= lane.ramp.findRoom(clock.now())) break;
      lane.waiting.delete(begin);
      lane.inFlight += 1;
      this.#inFlight += 1;
      // Behind the others, so that where the total is the bound each function gets its turn.
      this.#lanes.delete(lane.name);
      this.#lanes.set(lane.name, lane);
      begin();
    }
    this.#setTimer(lane);
  }

  #setTimer(lane: Lane): void {
    this.#stopTimer(lane);
    const { clock } = this.#options;
    const next = lane.waiting.size === 0 ? undefined : lane.ramp.findNext(clock.now());
    if (next !== undefined) lane.cancelTimer = clock.setTimer(next, () => this.#let(lane));
  }

  #stopTimer(lane: Lane): void {
    lane.cancelTimer?.();
    lane.cancelTimer = undefined;
  }
}
