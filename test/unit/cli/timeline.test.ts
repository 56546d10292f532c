// The story of a run, told line by line.
import { describe, expect, it } from 'vitest';
import { createTimeline } from '../../../src/cli/timeline.ts';
import type { NewEvent } from '../../../src/protocol/events.ts';
import type { Attempt } from '../../../src/protocol/messages.ts';
import { makeCommits, scheduled, started, TICK_MS } from '../query/commits.ts';

const attempt: Attempt = {
  type: 'Attempt',
  v: 1,
  run: 'r',
  epoch: 0,
  app: 'booking',
  workflow: 'book-trip',
  job: 2,
  name: 'pay',
  generation: 1,
  number: 1,
  keyGeneration: 1,
  deployment: 'dev',
  input: {},
  timeoutMs: 1,
  commitAt: 0,
  tags: {},
};
const failure = { code: 'BUSY', name: 'Error', message: 'the bank is busy' };

const tell = (act: (timeline: ReturnType<typeof createTimeline>) => void): string[] => {
  const lines: string[] = [];
  act(createTimeline('r', (line) => lines.push(line)));
  return lines;
};
const tellEvents = (...events: readonly NewEvent[]): string[] =>
  tell((timeline) => makeCommits('r', [{ events, status: 'running' }]).forEach((commit) => timeline.tellCommit(commit))).map((line) =>
    line.trim().replace(/^0 ms {2}/, ''),
  );

const send = (topic: string, message: unknown): { topic: string; key: string; id: string; body: string } => ({
  topic,
  key: 'r',
  id: 'x',
  body: JSON.stringify(message),
});

describe('a timeline', () => {
  it('says how long after the start each thing happened', () => {
    const [first, second] = makeCommits('r', [
      { events: [started()], status: 'running' },
      { events: [{ type: 'RunPaused', requestId: 'q' }], status: 'paused' },
    ]);
    if (first === undefined || second === undefined) throw new Error('The commits are there.');
    const lines = tell((timeline) => {
      timeline.tellCommit(first);
      timeline.tellMessage(send('retries', { type: 'AttemptFailed', v: 1, attempt, failure, retryable: true, failedAt: TICK_MS + 30 }));
      timeline.tellCommit(second);
    });
    expect(lines).toEqual([
      '    0 ms  run started: booking/book-trip {"to":"Rome"}',
      '   30 ms  pay attempt 1 failed: the bank is busy',
      '   1.0 s  run paused',
    ]);
  });

  it('tells of the next attempt, and of no other run', () => {
    const due = (run: string, number: number): unknown => ({
      type: 'Due',
      v: 1,
      dueAt: 0,
      topic: 'jobs.booking.pay',
      key: run,
      id: 'x',
      message: JSON.stringify({ ...attempt, run, number }),
    });
    const lines = tell((timeline) => {
      for (const message of [due('r', 1), due('other', 2), due('r', 2)]) timeline.tellMessage(send('timers', message));
      timeline.tellMessage(
        send('retries', { type: 'AttemptFailed', v: 1, attempt: { ...attempt, run: 'other' }, failure, retryable: true, failedAt: 0 }),
      );
      timeline.tellMessage(send('inbox', {}));
    });
    expect(lines).toEqual(['    0 ms  pay attempt 2 follows in 0 ms']);
  });

  it('has words for what happens to jobs, timers, children and signals, by their names', () => {
    const emitted = { command: 1, cause: 1 };
    expect(
      tellEvents(
        started({ input: {} }),
        scheduled('pay'),
        { type: 'JobHeld', job: 2, generation: 1, failure, attempts: 3 },
        { type: 'JobRetried', job: 2, generation: 2, newKey: false, requestId: 'q' },
        { type: 'JobFailed', job: 2, generation: 2, failure, attempts: 1 },
        { type: 'JobSucceeded', job: 2, generation: 2, output: { link: { sha256: 'a'.repeat(64), bytes: 70_000 } }, by: 'attempt' },
        { type: 'JobCanceled', job: 2, generation: 2, reason: 'enough' },
        { type: 'TimerStarted', ...emitted, name: 'sleep', dueAt: TICK_MS + 5_000 },
        { type: 'TimerFired', timer: 8, requestId: 'q' },
        {
          type: 'ChildStarted',
          ...emitted,
          run: 'c',
          app: 'booking',
          workflow: 'book-leg',
          input: {},
          inputHash: '',
          tags: {},
          attached: true,
        },
        { type: 'ChildClosed', child: 10, generation: 1, outcome: 'completed' },
        { type: 'SignalReceived', signal: 'approved', value: { json: true }, requestId: 'q' },
        { type: 'ChangeMarked', ...emitted, change: 'x' },
        { type: 'RunFailed', ...emitted, failure },
      ),
    ).toEqual([
      'run started: booking/book-trip',
      'pay scheduled',
      'pay held for an administrator after 3 attempts: the bank is busy',
      'pay retried by an administrator',
      'pay failed after 1 attempt: the bank is busy',
      'pay succeeded (70000 bytes)',
      'pay canceled: enough',
      expect.stringMatching(/^waiting 5\.0 s, until /),
      'timer fired by an administrator',
      'child book-leg (c) started',
      'child book-leg (c) ended as completed',
      'signal "approved" received true',
      'run failed: the bank is busy',
    ]);
  });
});
