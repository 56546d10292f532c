// Tells people at the terminal what went wrong and is being dealt with, once per kind of trouble and second.
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Terminal } from './terminal/terminal.ts';

const QUIET_MS = 1_000;

/** What the ports' `report` is in `dev`. */
export const createReporter = (terminal: Terminal): ((error: unknown, doing: string) => void) => {
  const lastAt = new Map<string, number>();
  return (error, doing) => {
    const what =
      error instanceof StarquakeError ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error);
    const line = `while ${doing}: ${what}`;
    const now = Date.now();
    if (now - (lastAt.get(line) ?? 0) < QUIET_MS) return;
    if (lastAt.size > 1_000) lastAt.clear();
    lastAt.set(line, now);
    terminal.complain(`${line}\n`);
  };
};
