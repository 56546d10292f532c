// Inside the realm: where the guards on Date, Math.random and crypto find the run whose code is running.

/** What is deterministic for the run whose code is running now. */
export interface SandboxRun {
  /** Milliseconds since the epoch at the event being delivered. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  uuid(): string;
}

/** Holds the run whose code is running; outside of any run, time stands at 0 and randomness is constant. */
export const sandbox: { run: SandboxRun | undefined } = { run: undefined };
