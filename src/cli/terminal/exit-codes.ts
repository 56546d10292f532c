// Exit codes that scripts can rely on, and how an error finds its own.
import { CommanderError } from 'commander';
import type { ErrorCode } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** What the process ends with. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unreachable: 3, refused: 4 } as const;
/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Shown at the end of every help text. */
export const exitCodesHelp = `
Exit codes:
  0  it has happened
  1  it was tried and failed: the run failed or was canceled, the app does not bundle, the port or the data folder is taken;
     or what was asked about is not so: Pulsar is not up, the topics would be changed
  2  the command cannot be understood
  3  the server cannot be reached, or did not say in time what became of the request
  4  the server refused; the code on stderr says why`;

const codes: Partial<Record<ErrorCode, ExitCode>> = {
  SETTINGS_INVALID: exitCodes.usage,
  BUS_UNREACHABLE: exitCodes.unreachable,
  CONNECTION_FAILED: exitCodes.unreachable,
  CALL_TIMED_OUT: exitCodes.unreachable,
  REQUEST_TIMED_OUT: exitCodes.unreachable,
  ADDRESS_IN_USE: exitCodes.failed,
  APP_INVALID: exitCodes.failed,
  BUNDLE_FAILED: exitCodes.failed,
  DATA_CORRUPT: exitCodes.failed,
  DATA_IN_USE: exitCodes.failed,
  DATA_MISMATCH: exitCodes.failed,
  INTERNAL: exitCodes.failed,
  PULSAR_CLIENT_MISSING: exitCodes.failed,
  PULSAR_FAILED: exitCodes.failed,
  PULSAR_MISSING: exitCodes.failed,
  STORE_FAILED: exitCodes.failed,
  RUN_CANCELED: exitCodes.failed,
  RUN_FAILED: exitCodes.failed,
  RUN_TERMINATED: exitCodes.failed,
};

/** The exit code of whatever a command threw. */
export const findExitCode = (error: unknown): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof StarquakeError) return codes[error.code] ?? exitCodes.refused;
  return exitCodes.failed;
};
