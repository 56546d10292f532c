// Makes the result of an invocation of what Lambda answered: the payload or the failure, with the figures of the report.
import type { InvocationReport, InvocationResult } from '../../ports/functions.ts';
import { parseReport, type LambdaReport } from './parse-report.ts';
import { readFunctionError } from './read-function-error.ts';

/** What Lambda answers to an invocation that began. */
export interface LambdaAnswer {
  readonly requestId: string;
  /** The function's answer, or its error, as JSON text. */
  readonly payload: string;
  /** `Handled` or `Unhandled`; absent when the function answered. */
  readonly functionError?: string;
  /** The end of the function's log. */
  readonly tail: string;
}

/** What is known of an invocation without its report. */
export interface Measured {
  readonly durationMs: number;
  readonly memoryMb: number;
}

/** The figures of an invocation whose report is not there. */
export const estimateReport = (requestId: string, { durationMs, memoryMb }: Measured): InvocationReport => ({
  requestId,
  durationMs,
  billedMs: Math.ceil(durationMs),
  memoryMb,
  initMs: 0,
  coldStart: false,
  source: 'estimated',
});

/**
 * Reads an answer.
 *
 * @param name - names the function in messages
 * @param measured - what the figures are estimated from where the report is missing
 */
export const readAnswer = (name: string, answer: LambdaAnswer, measured: Measured): InvocationResult => {
  const { requestId, payload, functionError, tail } = answer;
  const found = parseReport(tail, requestId);
  const report = found === undefined ? estimateReport(requestId, measured) : takeReport(requestId, found);
  if (functionError === undefined) return { kind: 'answered', payload: payload === '' ? 'null' : payload, report };
  return { kind: 'failed', failure: readFunctionError({ name, payload, tail, report: found }), retryable: false, report };
};

const takeReport = (requestId: string, { durationMs, billedMs, memoryMb, initMs }: LambdaReport): InvocationReport => ({
  requestId,
  durationMs,
  billedMs,
  memoryMb,
  initMs: initMs ?? 0,
  coldStart: initMs !== undefined,
  source: 'report',
});
