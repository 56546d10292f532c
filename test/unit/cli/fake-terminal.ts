// A terminal that keeps what was written, for tests of commands.
import { answerError } from '../../../src/cli/terminal/answer.ts';
import { createProgram } from '../../../src/cli/create-program.ts';
import { exitCodes, findExitCode, type ExitCode } from '../../../src/cli/terminal/exit-codes.ts';
import type { Terminal } from '../../../src/cli/terminal/terminal.ts';

/** What a command line came to. */
export interface Outcome {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command under test is given. */
export interface CommandOutside {
  readonly url?: string;
  readonly stdin?: string;
  readonly isWatched?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Runs a command line as `main` does. */
export const runCommand = async (
  words: readonly string[],
  { url = 'http://127.0.0.1:1', stdin = '', isWatched = false, environment = {} }: CommandOutside = {},
): Promise<Outcome> => {
  let code: ExitCode = exitCodes.ok;
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    write: (text) => void (stdout += text),
    complain: (text) => void (stderr += text),
    isWatched,
    readInput: () => Promise.resolve(stdin),
    url,
    environment,
    endWith: (wanted) => void (code = wanted),
    quit: () => {
      throw new Error('A command under test ends the process.');
    },
    onInterrupt: () => () => undefined,
  };
  try {
    await createProgram(terminal).parseAsync([...words], { from: 'user' });
  } catch (error) {
    answerError(terminal, words.includes('--json'), error);
    code = findExitCode(error);
  }
  return { code, stdout, stderr };
};
