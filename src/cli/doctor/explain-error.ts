// Makes a finding of an error.
import { findHint } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Finding } from './finding.ts';

const describeCause = (error: Error): string => {
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' && !error.message.includes(cause.message) ? cause.message : '';
};

/** What was thrown, as something that is wrong. */
export const explainError = (error: unknown): Finding => {
  if (error instanceof StarquakeError) {
    const why = describeCause(error);
    return { level: 'wrong', what: error.message, ...(why !== '' && { why }), fix: findHint(error), code: error.code };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    level: 'wrong',
    what: `The check itself failed. ${what}`,
    why: 'What it read is not what it knows.',
    fix: 'Report it with this text.',
    code: 'INTERNAL',
  };
};
