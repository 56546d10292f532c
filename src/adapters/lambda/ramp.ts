// How many invocations of a function may be in flight: few when it has not been invoked lately, more as answers come, fewer when throttled.

/** So many are in flight at once of a function that was not invoked lately. */
const FIRST = 8;
/** Lambda keeps a sandbox for some minutes after its last invocation. */
const WARM_MS = 5 * 60_000;
/** While answers come the number doubles this often at most: those that wait may well be served by the sandboxes that are there. */
const STEP_MS = 100;
/** It doubles after this long without an answer: what runs long needs sandboxes of its own. */
const PATIENCE_MS = 500;
/** Where Lambda does not say how long to wait. */
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** The bound of one function. All times are milliseconds since the epoch. */
export class Ramp {
  readonly #most: number;
  #allowed = FIRST;
  #raisedAt = 0;
  #answered = false;
  #usedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  /** @param most - never more than this in flight */
  constructor(most: number) {
    this.#most = most;
  }

  /** Notes that the function is wanted, with `inFlight` of it in flight. */
  noteWanted(now: number, inFlight: number): void {
    if (inFlight === 0 && now - this.#usedAt >= WARM_MS) {
      this.#allowed = FIRST;
      this.#raisedAt = now;
      this.#answered = false;
    }
    this.#usedAt = now;
  }

  /** How many may be in flight now, with others waiting. */
  findRoom(now: number): number {
    if (now < this.#pausedUntil) return 0;
    if (this.#allowed < this.#most && now >= this.#findRaise()) {
      this.#allowed *= 2;
      this.#raisedAt = now;
      this.#answered = false;
    }
    return Math.min(this.#allowed, this.#most);
  }

  /** When there may be more room by time alone; undefined when only an answer makes room. */
  findNext(now: number): number | undefined {
    if (now < this.#pausedUntil) return this.#pausedUntil;
    return this.#allowed < this.#most ? Math.max(now + 1, this.#findRaise()) : undefined;
  }

  noteAnswered(now: number): void {
    this.#usedAt = now;
    this.#answered = true;
  }

  /** Halves the room and lets nothing in for a while; the others of one burst that are throttled change nothing more. */
  noteThrottled(now: number, retryAfterMs: number = PAUSE_MS): void {
    this.#usedAt = now;
    if (now < this.#pausedUntil) return;
    this.#allowed = Math.max(1, Math.floor(Math.min(this.#allowed, this.#most) / 2));
    this.#pausedUntil = now + Math.min(Math.max(retryAfterMs, STEP_MS), LONGEST_PAUSE_MS);
    this.#raisedAt = this.#pausedUntil;
    this.#answered = false;
  }

  #findRaise(): number {
    return this.#raisedAt + (this.#answered ? STEP_MS : PATIENCE_MS);
  }
}
