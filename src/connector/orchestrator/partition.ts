// One partition of `inbox` as its owner sees it: which of its messages are open, and up to where it may be acked (rule 6).
import type { InboxMessage } from '../../protocol/messages.ts';

/** A message of a run, waiting at its owner. */
export interface Mail {
  readonly message: InboxMessage;
  /** Names the message within its run. */
  readonly id: string;
  readonly partition: Partition;
  readonly position: number;
  /** Of its JSON text. */
  readonly bytes: number;
  /** Moment of arrival, to compare with the moment of a read (rule 5). */
  readonly arrival: number;
}

/** A partition that holds open messages, as the watchdog sees it (rule 21). */
export interface WaitingPartition {
  readonly partition: number;
  /** Milliseconds since the epoch. */
  readonly lastStepAt: number;
  /** When what its runs wait for last failed, in milliseconds since the epoch; 0 for never. */
  readonly lastTroubleAt: number;
  /** Some of its messages wait for the dead letters: any call that fails may be theirs. */
  readonly isBurying: boolean;
}

/** One partition, from when it was gained until it is gained again or given up. */
export class Partition {
  readonly number: number;
  /** It was gained anew, or given up: its mail counts no more. */
  lost = false;
  #open: { readonly position: number; done: boolean }[] = [];
  #lowest = 0;
  readonly #byPosition = new Map<number, { readonly position: number; done: boolean }>();
  #ackable = -1;
  #acked = -1;
  /** When the lowest open message last changed, or one came while none was open, in milliseconds since the epoch. */
  lastStepAt: number;
  /** When what one of its runs waits for last failed, in milliseconds since the epoch; 0 for never. */
  lastTroubleAt = 0;
  /** Its messages that are on their way to the dead letters. */
  buryingCount = 0;

  constructor(number: number, now: number) {
    this.number = number;
    this.lastStepAt = now;
  }

  /** Takes note of a message that came. */
  add(position: number, now: number): void {
    if (this.openCount === 0) this.lastStepAt = now;
    const entry = { position, done: false };
    this.#open.push(entry);
    this.#byPosition.set(position, entry);
  }

  /** Takes note that a message needs nothing more. */
  finish(position: number, now: number): void {
    const entry = this.#byPosition.get(position);
    if (!entry) return;
    entry.done = true;
    this.#byPosition.delete(position);
    for (let lowest = this.#open[this.#lowest]; lowest?.done; lowest = this.#open[this.#lowest]) {
      this.#ackable = lowest.position;
      this.#lowest += 1;
      this.lastStepAt = now;
    }
    if (this.#lowest < 1024) return;
    this.#open = this.#open.slice(this.#lowest);
    this.#lowest = 0;
  }

  get openCount(): number {
    return this.#byPosition.size;
  }

  /** The position to ack up to, if it has moved since the last call. */
  takeAckable(): number | undefined {
    if (this.lost || this.#ackable <= this.#acked) return undefined;
    this.#acked = this.#ackable;
    return this.#acked;
  }
}
