// Names of traces and spans, derived from what they are about: a run has one trace, and nothing needs to be remembered to find it again.
import { hashKey } from './partition.ts';

/** 32 bits of a name, never all zero, as 8 hexadecimal digits; `hashKey` alone has 31. */
const hash = (name: string): string => {
  const bits = ((hashKey(name) << 1) | (hashKey(`${name}/`) & 1)) >>> 0;
  return Math.max(1, bits).toString(16).padStart(8, '0');
};

/** The header of W3C trace context: version, trace, span, flags. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether a text is a trace context. @see https://www.w3.org/TR/trace-context/#traceparent-header */
export const isTraceparent = (text: string): boolean => TRACEPARENT.test(text);

/**
 * The trace of a run: 32 hexadecimal digits.
 *
 * @param traceparent - the context that the run was started in, if any: the run belongs to that trace
 */
export const findTraceId = (run: string, traceparent?: string): string =>
  traceparent?.slice(3, 35) ?? ['a', 'b', 'c', 'd'].map((part) => hash(`${part}/${run}`)).join('');

/** The span of something that happens once in a run, such as an attempt: 16 hexadecimal digits. */
export const deriveSpanId = (run: string, what: string): string => ['e', 'f'].map((part) => hash(`${part}/${run}/${what}`)).join('');

/** The span of a run as a whole, under which all others of the run stand. */
export const deriveRunSpanId = (run: string): string => deriveSpanId(run, 'run');

/** The span of one attempt of a job. */
export const deriveAttemptSpanId = ({
  run,
  job,
  generation,
  number,
}: {
  readonly run: string;
  readonly job: number;
  readonly generation: number;
  readonly number: number;
}): string => deriveSpanId(run, `attempt/${job}/${generation}/${number}`);

/**
 * Writes the trace context for what stands under a span of a run.
 *
 * @param traceparent - the context that the run was started in, if any
 * @example
 * writeTraceparent('trip-1', deriveRunSpanId('trip-1')); // '00-<32 digits>-<16 digits>-01'
 */
export const writeTraceparent = (run: string, spanId: string, traceparent?: string): string =>
  `00-${findTraceId(run, traceparent)}-${spanId}-${traceparent?.slice(53) ?? '01'}`;
