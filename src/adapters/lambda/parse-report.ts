// Reads what Lambda reports of an invocation at the end of its log tail, in its text form and in its JSON form.
import { z } from 'zod';

/** What Lambda reports of one invocation. */
export interface LambdaReport {
  readonly durationMs: number;
  /** As billed: whole milliseconds, initialization included. */
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
  /** Initialization, or the restoring of a snapshot; undefined when the instance was warm. */
  readonly initMs: number | undefined;
}

const jsonReportSchema = z.object({
  type: z.literal('platform.report'),
  record: z.object({
    requestId: z.string(),
    metrics: z.object({
      durationMs: z.number(),
      billedDurationMs: z.number(),
      memorySizeMB: z.number(),
      maxMemoryUsedMB: z.number(),
      initDurationMs: z.number().exactOptional(),
      restoreDurationMs: z.number().exactOptional(),
    }),
  }),
});

/**
 * Finds the report in the last 4 KB of an invocation's log.
 *
 * The report is the last that Lambda writes, so the last line that looks like one counts: a function may print anything.
 *
 * @param requestId - the invocation's; a report of another one is none. Not compared when left out
 * @returns undefined when there is no report, or only a part of one
 * @example
 * parseReport('REPORT RequestId: 1\tDuration: 2.37 ms\tBilled Duration: 427 ms\tMemory Size: 1024 MB\tMax Memory Used: 95 MB\tInit Duration: 423.98 ms\t\n');
 */
export const parseReport = (tail: string, requestId?: string): LambdaReport | undefined => {
  const isAsked = (id: string | undefined): boolean => requestId === undefined || id === requestId;
  for (const line of tail.split('\n').reverse()) {
    const report = parseText(line, isAsked) ?? parseJson(line, isAsked);
    if (report !== undefined) return report;
  }
  return undefined;
};

type IsAsked = (requestId: string | undefined) => boolean;

const parseText = (line: string, isAsked: IsAsked): LambdaReport | undefined => {
  const at = line.indexOf('REPORT RequestId: ');
  if (at < 0) return undefined;
  // Fields are apart by tabs, and by spaces where somebody copied them.
  const read = (field: string): number | undefined => {
    const found = new RegExp(`(?:[\\t ]|^)(?<!Billed |Init |Restore )${field}: ([0-9.]+) (?:ms|MB)`).exec(line)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  if (!isAsked(/RequestId: (\S+)/.exec(line.slice(at))?.[1])) return undefined;
  const [durationMs, billedMs] = [read('Duration'), read('Billed Duration')];
  const [memoryMb, maxMemoryMb] = [read('Memory Size'), read('Max Memory Used')];
  if (durationMs === undefined || billedMs === undefined || memoryMb === undefined || maxMemoryMb === undefined) return undefined;
  return { durationMs, billedMs, memoryMb, maxMemoryMb, initMs: read('Init Duration') ?? read('Restore Duration') };
};

const parseJson = (line: string, isAsked: IsAsked): LambdaReport | undefined => {
  if (!line.includes('"platform.report"')) return undefined;
  const parsed = jsonReportSchema.safeParse(readJson(line));
  if (!parsed.success || !isAsked(parsed.data.record.requestId)) return undefined;
  const { durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB, initDurationMs, restoreDurationMs } = parsed.data.record.metrics;
  return {
    durationMs,
    billedMs: Math.ceil(billedDurationMs),
    memoryMb: memorySizeMB,
    maxMemoryMb: maxMemoryUsedMB,
    initMs: initDurationMs ?? restoreDurationMs,
  };
};

const readJson = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    // The first line of a tail may be cut off.
    return undefined;
  }
};
