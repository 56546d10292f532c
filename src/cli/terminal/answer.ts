// How every command answers: one JSON document with --json, text for people without; errors with their code and hint.
import { CommanderError } from 'commander';
import { findHint } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly url: string;
}

/** Answers with a document, or with text for people. */
export const answer = (terminal: Terminal, { json = false }: Pick<GlobalOptions, 'json'>, document: unknown, text: () => string): void => {
  terminal.write(`${json ? JSON.stringify(document) : text()}\n`);
};

/** Commander's ways to end after it has shown a help text, which is no error. */
const helpCodes: readonly string[] = ['commander.help', 'commander.helpDisplayed', 'commander.version'];

/** Says why a command did not do what it was asked. */
export const answerError = (terminal: Terminal, json: boolean, error: unknown): void => {
  if (error instanceof CommanderError && helpCodes.includes(error.code)) return;
  const { code, message, hint } = describeError(error);
  if (json) terminal.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else terminal.complain(`${code}: ${message}\nhint: ${hint}\n`);
};

const describeError = (error: unknown): { readonly code: string; readonly message: string; readonly hint: string } => {
  if (error instanceof StarquakeError) return { code: error.code, message: error.message, hint: findHint(error) };
  if (error instanceof CommanderError)
    return { code: 'SETTINGS_INVALID', message: error.message.replace(/^error: /, ''), hint: 'Add --help to see what there is.' };
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: 'Report it with this message.',
  };
};
