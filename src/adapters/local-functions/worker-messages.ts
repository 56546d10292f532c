// What a worker thread and its owner say to each other: one message a tick each way, with flat lists, which are the cheapest to copy.

/** To a worker. Calls refer to a function by a number, which names one version of one file. */
export interface ToWorker {
  /** Functions that calls refer to from now on: number, URL. */
  readonly functions: readonly (readonly [number, string])[];
  /** Three entries a call: its number, the number of the function, the request as JSON text. */
  readonly calls: readonly (number | string)[];
  /** Asks for any message at all, to see whether the thread's loop still turns. */
  readonly ping: boolean;
}

/** From a worker. */
export interface FromWorker {
  /** Answers of one tick; empty when it only shows that the loop turns. */
  readonly answers: readonly WorkerAnswer[];
}

/** The answer to one call, or why there is none. */
export interface WorkerAnswer {
  readonly call: number;
  /** The answer as JSON text, or a Failure as JSON text. */
  readonly text: string;
  readonly failed: boolean;
  readonly durationMs: number;
  /** Loading the function took this long; undefined when it was loaded before. */
  readonly initMs: number | undefined;
}
