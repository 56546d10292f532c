// Proves which messages say the same thing: the table of `inbox` in protocol.md, key by key.
import { describe, expect, it } from 'vitest';
import { deriveIdempotencyKey, identifyAttempt, identifyMessage } from '../../../src/protocol/message-ids.ts';
import type { InboxMessage } from '../../../src/protocol/messages.ts';
import { failure } from '../../support/pure/drafts.ts';

const head = { v: 1, run: 'run' } as const;
const aboutJob = { ...head, epoch: 3, job: 2, generation: 4 } as const;
const messages: readonly (readonly [string, InboxMessage])[] = [
  ['request/start', { ...head, type: 'StartRun', app: 'a', workflow: 'w', input: {}, inputHash: '', tags: {}, requestId: 'start' }],
  ['3/job/2/4/JobSucceeded', { ...aboutJob, type: 'JobSucceeded', output: {}, attempt: 1 }],
  ['3/job/2/4/JobFailed', { ...aboutJob, type: 'JobFailed', failure: failure(), attempt: 1 }],
  ['3/job/2/4/JobHeld', { ...aboutJob, type: 'JobHeld', failure: failure(), attempt: 1 }],
  ['3/job/2/4/JobCanceled', { ...aboutJob, type: 'JobCanceled', reason: '' }],
  ['3/timer/8', { ...head, type: 'TimerFired', epoch: 3, timer: 8 }],
  ['3/child/9/2', { ...head, type: 'ChildClosed', epoch: 3, child: 9, generation: 2, outcome: 'completed' }],
  ['request/s', { ...head, type: 'Signal', signal: 'word', value: {}, requestId: 's' }],
  ['request/c', { ...head, type: 'Cancel', requestId: 'c', reason: '' }],
  ['request/t', { ...head, type: 'Terminate', requestId: 't', reason: '' }],
  ['request/p', { ...head, type: 'Pause', requestId: 'p' }],
  ['request/r', { ...head, type: 'Resume', requestId: 'r' }],
  ['request/rr', { ...head, type: 'RetryRun', requestId: 'rr' }],
  ['request/rj', { ...head, type: 'RetryJob', requestId: 'rj', job: 2, newKey: false }],
  ['request/cj', { ...head, type: 'CompleteJob', requestId: 'cj', job: 2, output: {} }],
  ['request/xj', { ...head, type: 'CancelJob', requestId: 'xj', job: 2 }],
  ['request/ft', { ...head, type: 'FireTimer', requestId: 'ft', timer: 8 }],
  ['wake/7/more', { ...head, type: 'Wake', version: 7, cause: 'more' }],
  ['archive/12', { ...head, type: 'Archive', closing: 12 }],
];

describe('the id of a message', () => {
  it.each(messages)('%s', (id, message) => {
    expect(identifyMessage(message)).toBe(id);
  });

  it('differs between all kinds of messages about the same thing', () => {
    expect(new Set(messages.map(([, message]) => identifyMessage(message))).size).toBe(messages.length);
  });

  it('does not depend on what a result says: a second answer of a job is a copy of the first', () => {
    const answer = (output: string) => identifyMessage({ ...aboutJob, type: 'JobSucceeded', output: { json: output }, attempt: 1 });
    expect(answer('one')).toBe(answer('two'));
  });
});

describe('the id of an attempt', () => {
  it('names epoch, run, job, generation and number', () => {
    expect(identifyAttempt({ epoch: 1, run: 'run', job: 2, generation: 3, number: 4 })).toBe('1/run/attempt/2/3/4');
  });
});

describe('the idempotency key', () => {
  it('is made of epoch, run and job; the generation is in it only where a retry asked for a new key', () => {
    expect(deriveIdempotencyKey({ epoch: 1, run: 'run', job: 2, keyGeneration: 1 })).toBe('1/run/2');
    expect(deriveIdempotencyKey({ epoch: 1, run: 'run', job: 2, keyGeneration: 3 })).toBe('1/run/2/3');
  });
});
