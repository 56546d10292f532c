// What a contract suite needs from an adapter's test: the open adapter, its clock, and how to wait for it.
import type { Clock } from '../../src/ports/clock.ts';

/** An adapter of one port, opened for one test. */
export interface Harness<P> {
  /** The adapter; another object after `reopen`. */
  readonly port: P;
  readonly clock: Clock;
  /** Lets time pass on `clock`. */
  readonly passTime: (ms: number) => Promise<void>;
  /** Resolves when nothing more comes by itself, as far as one can tell. */
  readonly quiet: () => Promise<void>;
  /** Opens the adapter again on what is durable, in place of a process that ended; absent where nothing is durable. */
  readonly reopen?: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens an adapter with nothing in it that the test could meet. */
export type OpenHarness<P> = () => Promise<Harness<P>>;

/** A deadline that no healthy call comes near. */
export const CALL = { timeoutMs: 30_000 };

const GIVE_UP_MS = 10_000;

/** Resolves once `condition` holds; rejects when it does not within ten seconds. */
export const waitUntil = async (condition: () => boolean, what: string): Promise<void> => {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > GIVE_UP_MS) throw new Error(`It did not come about within ${GIVE_UP_MS} ms: ${what}.`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

let names = 0;

/** A name that no other test uses, also not one of another run against the same outside part. */
export const makeName = (prefix: string): string => `${prefix}-${process.pid}-${Date.now().toString(36)}-${names++}`;
