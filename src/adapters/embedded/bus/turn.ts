// Gathers what wants to be delivered and delivers it once the present turn of the event loop is over, batch by batch.

/** Something that delivers what it has. */
export interface Pump {
  pump(): void;
}

/** Work for the end of the turn. */
export class Turn {
  readonly #report: (error: unknown, doing: string) => void;
  #wanted = new Set<Pump>();

  constructor(report: (error: unknown, doing: string) => void) {
    this.#report = report;
  }

  /** Has `pump` called once, soon. */
  request(pump: Pump): void {
    if (this.#wanted.size === 0) queueMicrotask(() => this.#run());
    this.#wanted.add(pump);
  }

  #run(): void {
    const wanted = this.#wanted;
    this.#wanted = new Set();
    for (const pump of wanted) {
      try {
        pump.pump();
      } catch (error) {
        this.#report(error, 'delivering messages');
      }
    }
  }
}

/** Turns of the microtask queue in which an answer has come through a few layers of async functions. */
const ANSWER_TURNS = 16;

/** Calls `fn` once the caller of an async function has its answer; returns how to stop that. */
export const afterAnswer = (fn: () => void): (() => void) => {
  let stopped = false;
  const wait = (turns: number): void =>
    queueMicrotask(() => {
      if (stopped) return;
      if (turns > 0) wait(turns - 1);
      else fn();
    });
  wait(ANSWER_TURNS);
  return () => {
    stopped = true;
  };
};
