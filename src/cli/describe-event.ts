// Says in plain words what an event of a run's history means, for timelines and for `show --history`.
import type { RunEvent } from '../protocol/events.ts';
import type { Payload } from '../protocol/payload.ts';
import { formatMoment, formatSpan, formatValue } from './terminal/format.ts';

/** Names of the jobs, timers and children of a run, by event number: events refer to them by it. */
export type EventNames = Map<number, string>;

const showPayload = (payload: Payload): string =>
  'link' in payload ? `(${payload.link.bytes} bytes)` : payload.json === undefined ? '' : formatValue(payload.json, 100);

/** The words for an event; undefined for one that says nothing to people. Learns names on the way: events must come in order. */
export const describeEvent = (event: RunEvent, names: EventNames): string | undefined => {
  learnName(event, names);
  return describeRun(event) ?? describeJob(event, names) ?? describeWait(event, names);
};

const learnName = (event: RunEvent, names: EventNames): void => {
  if (event.type === 'JobScheduled') names.set(event.number, event.job);
  if (event.type === 'TimerStarted') names.set(event.number, event.name);
  if (event.type === 'ChildStarted') names.set(event.number, `${event.workflow} (${event.run})`);
};

const describeRun = (event: RunEvent): string | undefined => {
  switch (event.type) {
    case 'RunStarted':
      return `run started: ${event.app}/${event.workflow} ${showPayload(event.input)}`.trimEnd();
    case 'RunRefused':
      return `run refused: ${event.failure.message}`;
    case 'RunBlocked':
      return `run blocked: ${event.failure.message}`;
    case 'RunUnblocked':
      return 'run goes on';
    case 'RunPaused':
      return 'run paused';
    case 'RunResumed':
      return 'run resumed';
    case 'RunCompleted':
      return `run completed ${showPayload(event.output)}`.trimEnd();
    case 'RunFailed':
      return `run failed: ${event.failure.message}`;
    case 'RunRetried':
      return 'run retried';
    case 'RunCanceled':
      return `run canceled: ${event.reason}`;
    case 'RunTerminated':
      return `run terminated: ${event.reason}`;
    case 'RunContinued':
      return `run begins anew ${showPayload(event.input)}`.trimEnd();
    case 'RunArchived':
      return 'run archived';
    case 'CancelRequested':
      return `cancel requested: ${event.reason}`;
    case 'RequestRefused':
      return `request refused: ${event.code}: ${event.message}`;
    case 'StatusSet':
      return `status: ${typeof event.status === 'string' ? event.status : formatValue(event.status)}`;
    default:
      return undefined;
  }
};

const describeJob = (event: RunEvent, names: EventNames): string | undefined => {
  switch (event.type) {
    case 'JobScheduled':
      return `${event.job} scheduled`;
    case 'JobSucceeded':
      return `${names.get(event.job)} succeeded ${showPayload(event.output)}`.trimEnd();
    case 'JobFailed':
      return `${names.get(event.job)} failed after ${event.attempts} ${event.attempts === 1 ? 'attempt' : 'attempts'}: ${event.failure.message}`;
    case 'JobHeld':
      return `${names.get(event.job)} held for an administrator after ${event.attempts} attempts: ${event.failure.message}`;
    case 'JobCanceled':
      return `${names.get(event.job)} canceled: ${event.reason}`;
    case 'JobRetried':
      return `${names.get(event.job)} retried by an administrator`;
    default:
      return undefined;
  }
};

const describeWait = (event: RunEvent, names: EventNames): string | undefined => {
  switch (event.type) {
    case 'TimerStarted':
      return `waiting ${formatSpan(Math.max(0, event.dueAt - event.at))}, until ${formatMoment(event.dueAt)}`;
    case 'TimerFired':
      return event.requestId === undefined ? 'timer fired' : 'timer fired by an administrator';
    case 'ChildStarted':
      return `child ${names.get(event.number)} started`;
    case 'ChildClosed':
      return `child ${names.get(event.child)} ended as ${event.outcome}`;
    case 'SignalReceived':
      return `signal "${event.signal}" received ${showPayload(event.value)}`.trimEnd();
    case 'SignalsExpired':
      return 'signals given up: the run did not start in time';
    default:
      return undefined;
  }
};
