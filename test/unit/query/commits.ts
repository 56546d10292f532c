// Makes commits and what carries them, for tests of the read side.
import type { OutgoingMessage } from '../../../src/ports/bus.ts';
import type { Commit, RunStatus } from '../../../src/protocol/commit.ts';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { topics } from '../../../src/protocol/topics.ts';

/** A commit in short: what caused it, what happened, and the state that it left. */
export interface Step {
  readonly messages?: readonly string[];
  readonly events: readonly NewEvent[];
  readonly status: RunStatus;
}

/** Milliseconds between commits. */
export const TICK_MS = 1_000;

/** Numbers the events of steps and makes commits of them; the first is made at `firstAt`. */
export const makeCommits = (run: string, steps: readonly Step[], firstAt = TICK_MS): Commit[] => {
  let number = 0;
  return steps.map(({ messages = [], events, status }, i) => {
    const at = firstAt + i * TICK_MS;
    return {
      v: 1,
      run,
      version: i + 1,
      id: `${run}-${i + 1}`,
      at,
      epoch: 0,
      messages: [...messages],
      decided: true,
      more: false,
      events: events.map((event) => ({ ...event, number: ++number, at })),
      summary: { version: i + 1, status, openJobs: { base: 0, bits: '' }, generations: {} },
    };
  });
};

/** The start of a run of booking/book-trip. */
export const started = (overrides: Partial<Extract<NewEvent, { type: 'RunStarted' }>> = {}): NewEvent => ({
  type: 'RunStarted',
  app: 'booking',
  workflow: 'book-trip',
  input: { json: { to: 'Rome' } },
  inputHash: 'hash',
  tags: {},
  deployment: 'dev',
  requestId: 'start-1',
  ...overrides,
});

/** A job asked for. */
export const scheduled = (job: string): NewEvent => ({
  type: 'JobScheduled',
  command: 1,
  cause: 1,
  app: 'booking',
  job,
  input: {},
  timeoutMs: 1_000,
});

/** The message that carries a commit on `history`. */
export const carry = (commit: Commit): OutgoingMessage => ({
  topic: topics.history.name,
  key: commit.run,
  id: `${commit.run}/${commit.version}`,
  body: JSON.stringify({
    specversion: '1.0',
    id: `${commit.run}/${commit.version}`,
    source: 'starquake',
    type: 'starquake.commit',
    subject: commit.run,
    time: new Date(commit.at).toISOString(),
    data: commit,
  }),
});
