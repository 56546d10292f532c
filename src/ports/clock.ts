// The port to time: everything that waits, waits here, so that tests own it.

/** Cancels what was set; harmless when it has happened. */
export type CancelTimer = () => void;

/** Time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once when `now()` is at or after `at` (never before), unless canceled. */
  setTimer(at: number, fn: () => void): CancelTimer;
}

/** What a call used of a store that is paid by use. */
export interface Consumption {
  /** Names the store and what was done with it: `dynamodb.append`. */
  readonly operation: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** Options of every call that leaves the process. */
export interface CallOptions {
  /** The caller gives up after this long; an adapter ends its own work then. */
  readonly timeoutMs: number;
  /** Told what each request that the call made has used, repeated and refused ones too; never by stores that are not paid by use. */
  readonly onConsumed?: (consumption: Consumption) => void;
}
