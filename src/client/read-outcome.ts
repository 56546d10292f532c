// Turns a run that has ended into its output, or into the error that says why there is none.
import { type ErrorCode, isErrorCode } from '../protocol/errors.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { RunView } from './http-contract.ts';

const codes: Readonly<Record<string, ErrorCode>> = { failed: 'RUN_FAILED', canceled: 'RUN_CANCELED', terminated: 'RUN_TERMINATED' };

/**
 * The output of a run.
 *
 * @throws RUN_FAILED, RUN_CANCELED, RUN_TERMINATED; REQUEST_TIMED_OUT if it has not ended; the code of a refusal
 */
export const readOutcome = (run: RunView): unknown => {
  if (run.outcome === 'completed') return run.output;
  if (run.outcome === undefined)
    throw new StarquakeError('REQUEST_TIMED_OUT', `The run "${run.runId}" has not ended: it is ${run.status}.`, {
      hint: 'Wait longer; the run goes on.',
    });
  const { code = 'RUN_FAILED', message = 'no reason was given' } = run.failure ?? {};
  const known = codes[run.outcome] ?? (isErrorCode(code) ? code : 'RUN_FAILED');
  throw new StarquakeError(known, `The run "${run.runId}" has ended as ${run.outcome}: ${message}`, { cause: run.failure });
};
