// One sample of every event and every message of this version, with all of its fields: what `write.ts` keeps for ever after.
import type { Commit } from '../../src/protocol/commit.ts';
import type { EventOf, Parent, RunEventType } from '../../src/protocol/events.ts';
import type { LedgerEntry } from '../../src/protocol/ledger-entry.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import type { Attempt, AttemptFailed, Due, InboxMessageOf, InboxMessageType } from '../../src/protocol/messages.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';

const AT = 1_767_225_600_000;
const link = { link: { sha256: '0123456789abcdef'.repeat(4), bytes: 70_000 } };
const json = { json: { to: 'Rome', price: 7, list: [1, null, 'é'] } };
const failure = {
  code: 'HOTEL_FULL',
  name: 'Error',
  message: 'The hotel is full.',
  stack: 'Error: The hotel is full.\n    at book',
  data: { rooms: 0 },
};
const parent: Parent = { run: 'parent', epoch: 2, event: 5, generation: 3, attached: true };
const stamp = (number: number) => ({ number, at: AT + number });
const retry = { maxAttempts: 5, firstDelayMs: 1_000, factor: 2, maxDelayMs: 60_000, stopOn: ['NO_FUNDS'], exhausted: 'hold' as const };
const emitted = { command: 4, cause: 3 };

/** Every event. */
export const eventSamples: { readonly [T in RunEventType]: EventOf<T> } = {
  RunExpected: { type: 'RunExpected', ...stamp(1), until: AT + 86_400_000 },
  RunStarted: {
    type: 'RunStarted',
    ...stamp(2),
    app: 'golden',
    workflow: 'booking',
    input: json,
    inputHash: 'hash',
    tags: { to: 'Rome' },
    deployment: 'one',
    parent,
    requestId: 'start',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
  RunRefused: { type: 'RunRefused', ...stamp(3), failure },
  JobScheduled: {
    type: 'JobScheduled',
    ...stamp(4),
    ...emitted,
    app: 'golden',
    job: 'pay',
    input: link,
    timeoutMs: 30_000,
    totalTimeoutMs: 3_600_000,
  },
  JobSucceeded: { type: 'JobSucceeded', ...stamp(5), job: 4, generation: 2, output: json, by: 'request', requestId: 'complete' },
  JobFailed: { type: 'JobFailed', ...stamp(6), job: 4, generation: 2, failure, attempts: 5 },
  JobHeld: { type: 'JobHeld', ...stamp(7), job: 4, generation: 1, failure, attempts: 5 },
  JobCanceled: {
    type: 'JobCanceled',
    ...stamp(8),
    job: 4,
    generation: 1,
    reason: 'the workflow gave it up',
    requestId: 'cancel',
    ...emitted,
  },
  JobRetried: { type: 'JobRetried', ...stamp(9), job: 4, generation: 2, newKey: true, requestId: 'retry' },
  TimerStarted: { type: 'TimerStarted', ...stamp(10), ...emitted, name: 'sleep', dueAt: AT + 60_000 },
  TimerFired: { type: 'TimerFired', ...stamp(11), timer: 10, requestId: 'fire' },
  TimerCanceled: { type: 'TimerCanceled', ...stamp(12), timer: 10, ...emitted },
  ChildStarted: {
    type: 'ChildStarted',
    ...stamp(13),
    ...emitted,
    run: 'child',
    app: 'golden',
    workflow: 'child',
    input: json,
    inputHash: 'hash',
    tags: {},
    attached: false,
  },
  ChildClosed: { type: 'ChildClosed', ...stamp(14), child: 13, generation: 1, outcome: 'failed', output: json, failure, ...emitted },
  ChildRetried: { type: 'ChildRetried', ...stamp(15), child: 13, generation: 2 },
  SignalReceived: { type: 'SignalReceived', ...stamp(16), signal: 'approved', value: json, requestId: 'signal' },
  SignalsExpired: { type: 'SignalsExpired', ...stamp(17) },
  StatusSet: { type: 'StatusSet', ...stamp(18), ...emitted, status: { step: 1 } },
  TagsSet: { type: 'TagsSet', ...stamp(19), ...emitted, tags: { to: 'Oslo' } },
  ChangeMarked: { type: 'ChangeMarked', ...stamp(20), ...emitted, change: 'tell-first' },
  CancelRequested: { type: 'CancelRequested', ...stamp(21), requestId: 'cancel', reason: 'not wanted any more' },
  RunPaused: { type: 'RunPaused', ...stamp(22), requestId: 'pause' },
  RunResumed: { type: 'RunResumed', ...stamp(23), requestId: 'resume' },
  RunBlocked: { type: 'RunBlocked', ...stamp(24), failure, tries: 2, nextTryAt: AT + 4000 },
  RunUnblocked: { type: 'RunUnblocked', ...stamp(25) },
  DeploymentChanged: { type: 'DeploymentChanged', ...stamp(26), deployment: 'two' },
  RunContinued: {
    type: 'RunContinued',
    ...stamp(27),
    ...emitted,
    input: json,
    inputHash: 'hash',
    signals: [{ signal: 'approved', value: json }],
    cancel: true,
    children: [{ child: 13, run: 'child' }],
  },
  RunCompleted: { type: 'RunCompleted', ...stamp(28), ...emitted, output: {} },
  RunFailed: { type: 'RunFailed', ...stamp(29), ...emitted, failure },
  RunRetried: { type: 'RunRetried', ...stamp(30), requestId: 'retry', withdrawn: [6, 29], parentGeneration: 2 },
  RunCanceled: { type: 'RunCanceled', ...stamp(31), ...emitted, reason: 'not wanted any more' },
  RunTerminated: { type: 'RunTerminated', ...stamp(32), requestId: 'terminate', reason: 'enough' },
  RunArchived: { type: 'RunArchived', ...stamp(33), outcome: 'completed', archive: 'run', closedAt: AT },
  RequestRefused: { type: 'RequestRefused', ...stamp(34), requestId: 'request', code: 'RUN_EXISTS', message: 'It exists.', reply: parent },
};

const head = { v: PROTOCOL_VERSION, run: 'run' };
const aboutJob = { ...head, epoch: 2, job: 4, generation: 3 };

/** Every message on `inbox`. */
export const inboxSamples: { readonly [T in InboxMessageType]: InboxMessageOf<T> } = {
  StartRun: {
    type: 'StartRun',
    ...head,
    app: 'golden',
    workflow: 'booking',
    input: json,
    inputHash: 'hash',
    tags: { to: 'Rome' },
    requestId: 'start',
    deployment: 'one',
    parent,
    traceparent: 'trace',
  },
  JobSucceeded: { type: 'JobSucceeded', ...aboutJob, output: link, attempt: 2 },
  JobFailed: { type: 'JobFailed', ...aboutJob, failure, attempt: 5 },
  JobHeld: { type: 'JobHeld', ...aboutJob, failure, attempt: 5 },
  JobCanceled: { type: 'JobCanceled', ...aboutJob, reason: 'the run was canceled' },
  TimerFired: { type: 'TimerFired', ...head, epoch: 2, timer: 10 },
  ChildClosed: { type: 'ChildClosed', ...head, epoch: 2, child: 13, generation: 1, outcome: 'completed', output: json, failure },
  Signal: { type: 'Signal', ...head, signal: 'approved', value: json, requestId: 'signal' },
  Cancel: { type: 'Cancel', ...head, requestId: 'cancel', reason: 'not wanted any more' },
  Terminate: { type: 'Terminate', ...head, requestId: 'terminate', reason: 'enough' },
  Pause: { type: 'Pause', ...head, requestId: 'pause' },
  Resume: { type: 'Resume', ...head, requestId: 'resume' },
  RetryRun: { type: 'RetryRun', ...head, requestId: 'retry', parent },
  RetryJob: { type: 'RetryJob', ...head, requestId: 'retry', job: 4, newKey: true },
  CompleteJob: { type: 'CompleteJob', ...head, requestId: 'complete', job: 4, output: json },
  CancelJob: { type: 'CancelJob', ...head, requestId: 'cancel', job: 4 },
  FireTimer: { type: 'FireTimer', ...head, requestId: 'fire', timer: 10 },
  Wake: { type: 'Wake', ...head, version: 7, cause: 'watch' },
  Archive: { type: 'Archive', ...head, closing: 28 },
};

const attempt: Attempt = {
  type: 'Attempt',
  ...head,
  epoch: 2,
  app: 'golden',
  workflow: 'booking',
  job: 4,
  name: 'pay',
  generation: 3,
  number: 2,
  keyGeneration: 3,
  deployment: 'one',
  input: json,
  timeoutMs: 30_000,
  commitAt: AT,
  totalTimeoutMs: 3_600_000,
  tags: { to: 'Rome' },
  traceparent: 'trace',
};

/** What travels elsewhere, and what is kept. */
export const otherSamples: {
  readonly Attempt: Attempt;
  readonly AttemptFailed: AttemptFailed;
  readonly Due: Due;
  readonly LedgerEntry: LedgerEntry;
  readonly Manifest: Manifest;
  readonly ManifestWithSchemas: Manifest;
  readonly Commit: Commit;
} = {
  Attempt: attempt,
  AttemptFailed: { type: 'AttemptFailed', v: PROTOCOL_VERSION, attempt, failure, retryable: true, failedAt: AT },
  Due: {
    type: 'Due',
    v: PROTOCOL_VERSION,
    dueAt: AT,
    topic: 'inbox',
    key: 'run',
    id: 'run/2/timer/10',
    message: JSON.stringify(inboxSamples.TimerFired),
  },
  LedgerEntry: {
    v: PROTOCOL_VERSION,
    requestId: 'request',
    at: AT,
    function: 'golden.jobs@one',
    kind: 'job',
    app: 'golden',
    durationMs: 3.2,
    billedMs: 4,
    memoryMb: 256,
    initMs: 120,
    coldStart: true,
    source: 'report',
    outcome: 'succeeded',
    listCost: '0.0000002133334',
    runs: [{ run: 'run', workflow: 'booking' }],
    attempt: { run: 'run', job: 4, name: 'pay', generation: 3, number: 2 },
  },
  Manifest: {
    v: PROTOCOL_VERSION,
    app: 'golden',
    deployment: 'one',
    order: 1,
    decisionFunction: 'golden.decision@one',
    jobRetryFunction: 'golden.job-retry@one',
    workflows: [{ name: 'booking' }],
    jobs: [{ name: 'pay', function: 'golden.jobs@one', timeoutMs: 30_000, totalTimeoutMs: 3_600_000, maxConcurrency: 2, memoryMb: 256 }],
    schedules: [{ name: 'hourly', cron: '0 * * * *', zone: 'Europe/Paris', workflow: 'chime', input: 'ding', overlap: 'queue' }],
  },
  ManifestWithSchemas: {
    v: PROTOCOL_VERSION,
    app: 'golden',
    deployment: 'two',
    order: 2,
    decisionFunction: 'golden.decision@two',
    jobRetryFunction: 'golden.job-retry@two',
    workflows: [{ name: 'booking', inputSchema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] } }],
    jobs: [{ name: 'pay', function: 'golden.jobs@two', timeoutMs: 30_000, memoryMb: 256, retry, inputSchema: { type: 'number' } }],
    signals: [{ name: 'approved', valueSchema: { $ref: '#/$defs/yes', $defs: { yes: { const: true } } } }, { name: 'hurry' }],
    schedules: [],
    goneSchedules: ['hourly'],
  },
  Commit: {
    v: PROTOCOL_VERSION,
    run: 'run',
    version: 3,
    id: 'commit',
    at: AT,
    epoch: 2,
    messages: ['request/signal', 'wake/2/more'],
    decided: true,
    more: true,
    watchAt: AT + 600_000,
    events: [eventSamples.SignalReceived, eventSamples.JobScheduled],
    summary: { version: 3, status: 'canceling', openJobs: { base: 4, bits: '1' }, generations: { 4: 3 }, canceledBefore: 21 },
  },
};
