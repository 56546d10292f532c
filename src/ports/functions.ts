// The port to functions: deployed Lambdas, or their local stand-ins.
import type { CallOptions } from './clock.ts';
import type { Failure } from '../protocol/payload.ts';

/** What an invocation took, as the function's own report says. */
export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly initMs: number;
  readonly coldStart: boolean;
  readonly source: 'report' | 'estimated';
}

/** What an invocation came to: its answer as JSON text, or why there is none (`retryable`: the platform's fault, not the function's). */
export type InvocationResult =
  | { readonly kind: 'answered'; readonly payload: string; readonly report: InvocationReport }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retryable: boolean; readonly report: InvocationReport };

/** How to invoke. */
export interface InvokeOptions extends CallOptions {
  /** Invocations of one slot reach the same instance if they can, so that live runs are found again (rule 10). */
  readonly slot?: number;
}

/** Functions by name. */
export interface Functions {
  /** Never rejects for what a function does; the result says so. */
  invoke(name: string, payload: string, options: InvokeOptions): Promise<InvocationResult>;
}
