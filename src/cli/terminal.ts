// What a command sees of the outside: where it writes, what it reads, and who interrupts it; tests give their own.
import type { ExitCode } from './exit-codes.ts';

/** The outside of a command. */
export interface Terminal {
  /** Writes text to stdout, as it is. */
  write(text: string): void;
  /** Writes text to stderr, as it is. */
  complain(text: string): void;
  /** Somebody watches stderr, so that a progress line makes sense. */
  readonly isWatched: boolean;
  /** All of stdin. */
  readInput(): Promise<string>;
  /** URL of the API where `--url` is not given. */
  readonly url: string;
  /** What the process is to end with once the command is done. */
  endWith(code: ExitCode): void;
  /** Ends the process at once. */
  quit(code: ExitCode): void;
  /** Calls back at each wish to stop (Ctrl-C, SIGTERM); returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
}

/** Shows a line while `work` goes on, on stderr and only if somebody watches. */
export const withProgress = async <T>(terminal: Terminal, text: string, work: () => Promise<T>): Promise<T> => {
  if (!terminal.isWatched) return await work();
  terminal.complain(`${text}`);
  try {
    return await work();
  } finally {
    terminal.complain('\r\u001b[K');
  }
};
