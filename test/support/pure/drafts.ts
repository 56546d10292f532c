// Events in short, as tests give them: without numbers and times.
import type { EventOf, NewEvent } from '../../../src/protocol/events.ts';
import type { Payload } from '../../../src/protocol/payload.ts';

type Draft<T extends NewEvent['type']> = Extract<NewEvent, { type: T }>;

/** A value on the wire. */
export const payload = (value?: unknown): Payload => (value === undefined ? {} : { json: value });

/** A failure of the author's own. */
export const failure = (message = 'out of order') => ({ code: 'Error', name: 'Error', message });

export const runStarted = (more: Partial<Draft<'RunStarted'>> = {}): Draft<'RunStarted'> => ({
  type: 'RunStarted',
  app: 'desk',
  workflow: 'one-job',
  input: {},
  inputHash: '{}',
  tags: {},
  deployment: 'one',
  requestId: 'start',
  ...more,
});

export const jobScheduled = (more: Partial<Draft<'JobScheduled'>> = {}): Draft<'JobScheduled'> => ({
  type: 'JobScheduled',
  command: 1,
  cause: 1,
  app: 'desk',
  job: 'work',
  input: {},
  timeoutMs: 10_000,
  ...more,
});

export const jobSucceeded = (job: number, output?: unknown, generation = 1): Draft<'JobSucceeded'> => ({
  type: 'JobSucceeded',
  job,
  generation,
  output: payload(output),
  by: 'attempt',
});

export const jobFailed = (job: number, message?: string, generation = 1): Draft<'JobFailed'> => ({
  type: 'JobFailed',
  job,
  generation,
  failure: failure(message),
  attempts: 1,
});

export const jobHeld = (job: number, generation = 1): Draft<'JobHeld'> => ({
  type: 'JobHeld',
  job,
  generation,
  failure: failure(),
  attempts: 2,
});

export const jobCanceled = (job: number, reason = 'an administrator canceled it'): Draft<'JobCanceled'> => ({
  type: 'JobCanceled',
  job,
  generation: 1,
  reason,
});

export const timerStarted = (dueAt: number, more: Partial<Draft<'TimerStarted'>> = {}): Draft<'TimerStarted'> => ({
  type: 'TimerStarted',
  command: 1,
  cause: 1,
  name: 'sleep',
  dueAt,
  ...more,
});

export const timerFired = (timer: number): Draft<'TimerFired'> => ({ type: 'TimerFired', timer });

export const childStarted = (more: Partial<Draft<'ChildStarted'>> = {}): Draft<'ChildStarted'> => ({
  type: 'ChildStarted',
  command: 1,
  cause: 1,
  run: 'child',
  app: 'desk',
  workflow: 'one-job',
  input: {},
  inputHash: '{}',
  tags: {},
  attached: true,
  ...more,
});

export const childClosed = (
  child: number,
  outcome: EventOf<'ChildClosed'>['outcome'] = 'completed',
  output?: unknown,
): Draft<'ChildClosed'> => ({
  type: 'ChildClosed',
  child,
  generation: 1,
  outcome,
  ...(outcome === 'completed' ? { output: payload(output) } : { failure: failure() }),
});

export const signalReceived = (signal: string, value?: unknown, requestId = `${signal} ${String(value)}`): Draft<'SignalReceived'> => ({
  type: 'SignalReceived',
  signal,
  value: payload(value),
  requestId,
});

export const cancelRequested = (reason = 'not wanted any more'): Draft<'CancelRequested'> => ({
  type: 'CancelRequested',
  requestId: 'cancel',
  reason,
});

export const runFailed = (cause: number, command = 9): Draft<'RunFailed'> => ({ type: 'RunFailed', command, cause, failure: failure() });

export const runCompleted = (output?: unknown): Draft<'RunCompleted'> => ({
  type: 'RunCompleted',
  command: 9,
  cause: 1,
  output: payload(output),
});
