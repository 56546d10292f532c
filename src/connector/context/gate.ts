// Back-pressure: holds new attempts back while too many run, memory is short, or a function has no room.
import type { Clock } from '../../ports/clock.ts';

/** How often memory is looked at while attempts wait for it. */
const LOOK_MS = 100;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** What a gate goes by. */
export interface GateSettings {
  /** Attempts that run at once, of all functions. */
  readonly attemptsInFlight: number;
  /** Share of the memory that this process may use, from which on attempts run one at a time. */
  readonly memoryShareLimit: number;
}

interface Throttled {
  pauseMs: number;
  until: number;
}

/** Lets attempts pass, in the order in which they came. */
export class Gate {
  readonly #clock: Clock;
  readonly #settings: GateSettings;
  readonly #readMemoryShare: () => number;
  readonly #onMemoryShort: () => void;
  readonly #waiting: (() => void)[] = [];
  readonly #throttled = new Map<string, Throttled>();
  #inFlight = 0;
  #looking = false;
  #wasMemoryShort = false;

  /**
   * @param readMemoryShare - used memory as a share of what this process may use
   * @param onMemoryShort - is told when memory gets short
   */
  constructor(clock: Clock, settings: GateSettings, readMemoryShare: () => number, onMemoryShort: () => void) {
    this.#clock = clock;
    this.#settings = settings;
    this.#readMemoryShare = readMemoryShare;
    this.#onMemoryShort = onMemoryShort;
  }

  /** Attempts run one at a time. */
  get isMemoryShort(): boolean {
    return this.#readMemoryShare() >= this.#settings.memoryShareLimit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Resolves when one more attempt may begin; `leave` must follow. */
  async enter(): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasRoom()) {
      this.#inFlight += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#look();
    });
  }

  /** The attempt is over. */
  leave(): void {
    this.#inFlight -= 1;
    this.#admit();
  }

  /** How long to leave a function alone before it is asked again; 0 for not at all. */
  readPauseMs(name: string): number {
    return Math.max(0, (this.#throttled.get(name)?.until ?? 0) - this.#clock.now());
  }

  /** Takes note of whether a function had room; each refusal doubles its pause, one answer ends it. */
  note(name: string, hadRoom: boolean): void {
    if (hadRoom) return void this.#throttled.delete(name);
    const now = this.#clock.now();
    const standing = this.#throttled.get(name);
    // Those that were under way together are one refusal.
    if (standing && standing.until > now) return;
    const pauseMs = standing ? Math.min(LONGEST_PAUSE_MS, standing.pauseMs * 2) : FIRST_PAUSE_MS;
    this.#throttled.set(name, { pauseMs, until: now + pauseMs });
  }

  #hasRoom(): boolean {
    // One always goes on: else memory that others hold would stop everything for ever.
    return this.#inFlight === 0 || (this.#inFlight < this.#settings.attemptsInFlight && this.#hasMemory());
  }

  #hasMemory(): boolean {
    const isShort = this.isMemoryShort;
    if (isShort && !this.#wasMemoryShort) this.#onMemoryShort();
    this.#wasMemoryShort = isShort;
    return !isShort;
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#hasRoom()) {
      this.#inFlight += 1;
      this.#waiting.shift()?.();
    }
  }

  /** Memory is freed without a word: whoever waits for it looks again. */
  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#clock.setTimer(this.#clock.now() + LOOK_MS, () => {
      this.#looking = false;
      this.#admit();
      if (this.#waiting.length > 0) this.#look();
    });
  }
}
