// One version of a function as it is installed, and one invocation of it.
import type { LambdaAnswer } from '../lambda/read-answer.ts';

/** A function as its instances are started. */
export interface IsolatedFunction {
  readonly name: string;
  /** Absolute path of a module that exports `handler`. */
  readonly file: string;
  readonly memoryMb: number;
  /** Its own timeout; undefined for that of whoever invokes it. */
  readonly timeoutMs: number | undefined;
  /** What its author gives it, beside what Lambda does. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path of AWS's own runtime client, where it is to run the function; undefined for the client of this folder. */
  readonly officialClient: string | undefined;
}

/** One invocation on its way. */
export interface IsolatedInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** In Lambda's form, `Root=...;Parent=...;Sampled=...`. */
  readonly traceId: string;
  /** How long the instance has, told to the function too. */
  readonly timeoutMs: number;
  /** Told undefined when it ended without having begun. */
  readonly resolve: (answer: LambdaAnswer | undefined) => void;
}
