// A log for machines to read: one JSON object per line, the same trouble not more often than once in ten seconds.
import { inspect } from 'node:util';
import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { Clock } from '../../ports/clock.ts';
import { findHint } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';

const QUIET_MS = 10_000;
/** Kinds of trouble that are remembered; the oldest make room. */
const REMEMBERED = 1000;

/** How much is said. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What to log, and where to. */
export interface JsonLogOptions {
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Standard output when left out. */
  readonly to?: DestinationStream;
}

/** Writes lines. */
export interface JsonLog {
  /** Something happened that an operator may want to know. */
  readonly tell: (message: string, about?: Readonly<Record<string, string | number | boolean>>) => void;
  /** Something went wrong and is being dealt with. */
  readonly report: (error: unknown, doing: string) => void;
}

interface Standing {
  readonly since: number;
  repeated: number;
}

const describeCause = (error: unknown, depth = 0): string | undefined => {
  if (error === undefined || depth > 4) return undefined;
  if (!(error instanceof Error)) return inspect(error, { depth: 2 });
  const deeper = describeCause(error.cause, depth + 1);
  return deeper === undefined ? `${error.name}: ${error.message}` : `${error.name}: ${error.message} < ${deeper}`;
};

/**
 * Makes a log.
 *
 * @example
 * const log = createJsonLog({ level: 'info', clock: systemClock });
 * log.tell('ready', { partitions: 64 }); // {"level":"info","time":"2026-...","partitions":64,"msg":"ready"}
 */
export const createJsonLog = ({ level, clock, to }: JsonLogOptions): JsonLog => {
  const settings = { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } };
  const logger = to === undefined ? pino(settings) : pino(settings, to);
  const standing = new Map<string, Standing>();
  return {
    tell: (message, about = {}) => logger.info(about, message),
    report: (error, doing) => {
      const code = error instanceof StarquakeError ? error.code : 'UNEXPECTED';
      const message = error instanceof Error ? error.message : inspect(error, { depth: 2 });
      const key = `${code} ${doing} ${message}`;
      const known = standing.get(key);
      const now = clock.now();
      if (known && now - known.since < QUIET_MS) {
        known.repeated += 1;
        return;
      }
      standing.delete(key);
      standing.set(key, { since: now, repeated: 0 });
      const [oldest] = standing.size > REMEMBERED ? standing.keys() : [];
      if (oldest !== undefined) standing.delete(oldest);
      const hint = error instanceof StarquakeError ? findHint(error) : undefined;
      const cause = error instanceof Error ? describeCause(error.cause) : undefined;
      const stack = error instanceof StarquakeError || !(error instanceof Error) ? undefined : error.stack;
      logger.warn({ code, doing, hint, cause, stack, ...(known && known.repeated > 0 && { repeated: known.repeated }) }, message);
    },
  };
};
