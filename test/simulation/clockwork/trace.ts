// What happened in a simulation, line by line: hashed, so that two runs of a seed can be held against each other, and printed if asked.
import { createHash } from 'node:crypto';

/** The record of a simulation. */
export interface Trace {
  add(at: number, line: string): void;
  /** SHA-256 of all lines. */
  digest(): string;
  /** The last lines, for whoever looks for what went wrong. */
  readonly lines: readonly string[];
}

const START_OF_TIME = Date.UTC(2026, 0, 1);

/** @param keep - how many of the last lines to keep @param print - is told of every line */
export const createTrace = (keep: number, print?: (line: string) => void): Trace => {
  const hash = createHash('sha256');
  const lines: string[] = [];
  return {
    add: (at, line) => {
      const text = `${((at - START_OF_TIME) / 1000).toFixed(3)} ${line}`;
      hash.update(`${text}\n`);
      print?.(text);
      if (keep === 0) return;
      lines.push(text);
      if (lines.length > keep * 2) lines.splice(0, keep);
    },
    digest: () => hash.copy().digest('hex'),
    lines,
  };
};
