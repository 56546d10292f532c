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
  /** What the process was given beside its arguments; nothing when left out. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What the process is to end with once the command is done. */
  endWith(code: ExitCode): void;
  /** Ends the process at once. */
  quit(code: ExitCode): void;
  /** Calls back at each wish to stop (Ctrl-C, SIGTERM); returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
}

const CLEAR = '\r\u001b[K';

/** Shows a line while `work` goes on, on stderr and only if somebody watches; `work` may replace it. */
export const withProgress = async <T>(terminal: Terminal, text: string, work: (show: (text: string) => void) => Promise<T>): Promise<T> => {
  if (!terminal.isWatched) return await work(() => undefined);
  terminal.complain(text);
  try {
    return await work((next) => terminal.complain(`${CLEAR}${next}`));
  } finally {
    terminal.complain(CLEAR);
  }
};
