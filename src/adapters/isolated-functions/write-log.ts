// Writes the lines that Lambda puts around a function's output, in their text form and in their JSON form.
import { FUNCTION_VERSION } from './function-environment.ts';

/** How an invocation ended. */
export type EndStatus = 'success' | 'error' | 'timeout';

/** The figures of an invocation. */
export interface InvocationFigures {
  readonly requestId: string;
  readonly durationMs: number;
  /** Undefined when the instance was warm. */
  readonly initMs: number | undefined;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  readonly status: EndStatus;
  /** Names the error that the platform saw; absent for one of the function's own. */
  readonly errorType?: string;
}

/** The form of the lines. */
export type LogFormat = 'text' | 'json';

const round = (ms: number): number => Number(ms.toFixed(2));

/** Initialization is billed as well, and the sum is rounded up. */
const bill = (durationMs: number, initMs: number | undefined): number => Math.ceil(round(durationMs) + round(initMs ?? 0));

const writeJson = (type: string, record: object): string => `${JSON.stringify({ time: new Date().toISOString(), type, record })}\n`;

/** The line before a function's output. */
export const writeStart = (format: LogFormat, requestId: string): string =>
  format === 'json'
    ? writeJson('platform.start', { requestId, version: FUNCTION_VERSION })
    : `START RequestId: ${requestId} Version: ${FUNCTION_VERSION}\n`;

/** The lines after it, the report last. */
export const writeReport = (format: LogFormat, figures: InvocationFigures): string =>
  format === 'json' ? writeJsonReport(figures) : writeTextReport(figures);

const writeJsonReport = ({ requestId, durationMs, initMs, memoryMb, maxMemoryMb, status, errorType }: InvocationFigures): string =>
  writeJson('platform.report', {
    requestId,
    metrics: {
      durationMs: round(durationMs),
      billedDurationMs: bill(durationMs, initMs),
      memorySizeMB: memoryMb,
      maxMemoryUsedMB: maxMemoryMb,
      ...(initMs !== undefined && { initDurationMs: round(initMs) }),
    },
    status,
    ...(errorType !== undefined && { errorType }),
  });

const writeTextReport = ({ requestId, durationMs, initMs, memoryMb, maxMemoryMb, status, errorType }: InvocationFigures): string => {
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${round(durationMs).toFixed(2)} ms`,
    `Billed Duration: ${bill(durationMs, initMs)} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${maxMemoryMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${round(initMs).toFixed(2)} ms`]),
    ...(status === 'timeout' || errorType !== undefined ? [`Status: ${status}`] : []),
    ...(errorType === undefined ? [] : [`Error Type: ${errorType}`]),
  ];
  return `END RequestId: ${requestId}\n${fields.join('\t')}\t\n`;
};
