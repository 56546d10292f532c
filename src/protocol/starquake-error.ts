// The one error class, apart from the catalogue of codes so that workflow bundles do not carry its texts.
import type { ErrorCode } from './errors.ts';

/** What an error may carry beside its code and message. */
export interface StarquakeErrorOptions {
  /** What to do, where that is more than the catalogue says (`findHint`). */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class: what happened and why in `message`, what to do in `hint`, a stable `code` for programs.
 *
 * @example
 * throw new StarquakeError('RUN_UNKNOWN', `No run "${run}" is known.`);
 */
export class StarquakeError extends Error {
  readonly code: ErrorCode;
  readonly hint?: string;

  constructor(code: ErrorCode, message: string, options: StarquakeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StarquakeError';
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}
