// Numbers the commands of a run as its code emits them, and holds them against those in its history (rule 8).
import type { RunEvent } from '../../protocol/events.ts';
import { countBytes } from '../../protocol/write-json.ts';

/** A command as the code emits it, before it has a number in the history. */
export type CommandDraft = {
  readonly type: RunEvent['type'];
  /** Delivery that made the code emit it, where that is not the present one. */
  readonly cause?: number;
  /** A function is asked for its number when the command is written: what it names may still wait for one. */
  readonly [field: string]: unknown;
};

/** Thrown out of the replay, never into workflow code: code and history disagree. */
export class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

/** A decision answers at most this many commands, or this many bytes of JSON (rule 9). */
export const DECISION_COMMANDS = 1000;
export const DECISION_BYTES = 2_000_000;

const nameOf = (command: Readonly<Record<string, unknown>>): string => {
  switch (command['type']) {
    case 'JobScheduled':
      return String(command['job']);
    case 'TimerStarted':
      return String(command['name']);
    case 'ChildStarted':
      return String(command['workflow']);
    case 'ChangeMarked':
      return String(command['change']);
    default:
      return '';
  }
};

/** What a command is, in words. */
const describe = (command: Readonly<Record<string, unknown>>): string => {
  const name = nameOf(command);
  return name === '' ? String(command['type']) : `${String(command['type'])} "${name}"`;
};

/** The commands of one beginning of a run. */
export class CommandLog {
  /** Commands in the history, by command number. */
  readonly #recorded = new Map<number, RunEvent>();
  readonly #fresh: string[] = [];
  #freshBytes = 0;
  /** Emitted beyond what one decision takes: numbered by the next one. */
  readonly #overflow: {
    readonly draft: CommandDraft;
    readonly command: number;
    readonly cause: number;
    readonly onNumber: (number: number) => void;
  }[] = [];
  #emitted = 0;
  #nextNumber = 0;

  /** Takes up a command of the history. */
  record(event: RunEvent): void {
    if (!('command' in event) || event.command === undefined) return;
    this.#recorded.set(event.command, event);
  }

  /** Begins a decision: commands from here on get numbers from `nextNumber`; what overflowed before goes first. */
  begin(nextNumber: number): void {
    this.#nextNumber = nextNumber;
    this.#fresh.length = 0;
    this.#freshBytes = 0;
    for (const waiting of this.#overflow.splice(0)) this.#append(waiting.draft, waiting.command, waiting.cause, waiting.onNumber);
  }

  /** The command number that the next command gets, from 1. */
  get next(): number {
    return this.#emitted + 1;
  }

  /**
   * Emits a command.
   *
   * @param cause - number of the event being delivered
   * @param onNumber - is given its event number: at once if it has one, else with the decision that takes it
   * @throws Disagreement when the history has another command at this place
   */
  emit(draft: CommandDraft, cause: number, onNumber: (number: number) => void = () => undefined): void {
    const command = ++this.#emitted;
    const recorded = this.#recorded.get(command);
    if (!recorded) {
      this.#append(draft, command, draft.cause ?? cause, onNumber);
      return;
    }
    if (recorded.type !== draft.type || nameOf(recorded) !== nameOf(draft)) {
      throw new Disagreement(
        `Command ${command} is ${describe(recorded)} in the history (event ${recorded.number}), but the code asked for ${describe(draft)}.`,
      );
    }
    onNumber(recorded.number);
  }

  #append(draft: CommandDraft, command: number, cause: number, onNumber: (number: number) => void): void {
    if (this.#overflow.length > 0 || this.#fresh.length >= DECISION_COMMANDS || this.#freshBytes > DECISION_BYTES) {
      this.#overflow.push({ draft, command, cause, onNumber });
      return;
    }
    const number = this.#nextNumber++;
    const text = JSON.stringify({ ...draft, command, cause, number, at: 0 }, (_field, value: unknown): unknown =>
      typeof value === 'function' ? Reflect.apply(value, undefined, []) : value,
    );
    this.#fresh.push(text);
    this.#freshBytes += countBytes(text);
    onNumber(number);
  }

  /** Whether the code has asked for more than one decision takes. */
  get overflows(): boolean {
    return this.#overflow.length > 0;
  }

  /** Ends a decision. @throws Disagreement when the history has commands that the code did not ask for */
  end(): { readonly events: readonly string[]; readonly more: boolean } {
    const missing = this.#recorded.get(this.#emitted + 1);
    if (missing)
      throw new Disagreement(
        `Command ${this.#emitted + 1} is ${describe(missing)} in the history (event ${missing.number}), but the code asked for nothing more.`,
      );
    this.#recorded.clear();
    return { events: [...this.#fresh], more: this.#overflow.length > 0 };
  }

  /** Whether the history has a command of this kind and name. */
  hasRecorded(type: RunEvent['type'], name: string): boolean {
    return [...this.#recorded.values()].some((event) => event.type === type && nameOf(event) === name);
  }
}
