// How the events about a run as a whole change its state.
import type { EventOf, RunOutcome } from '../../protocol/events.ts';
import type { RunState } from '../run/run-state.ts';
import type { Evolvers } from './evolver.ts';

/** Request ids are remembered this long (rule table of `inbox`). */
const REQUEST_MEMORY_MS = 7 * 24 * 3600_000;

/** Remembers that a request was taken, and forgets those of more than 7 days ago. */
export const rememberRequest = (state: RunState, requestId: string | undefined, at: number): void => {
  if (requestId === undefined) return;
  state.requests.set(requestId, at);
  for (const [old, takenAt] of state.requests) {
    if (takenAt >= at - REQUEST_MEMORY_MS) return;
    state.requests.delete(old);
  }
};

const close = (state: RunState, outcome: RunOutcome, event: { readonly number: number }): void => {
  state.phase = outcome;
  state.closedBy = event.number;
  state.blocked = undefined;
  state.paused = false;
  if (outcome === 'failed') return;
  state.jobs.clear();
  state.timers.clear();
};

const withdraw = (state: RunState, event: EventOf<'RunRetried'>): void => {
  state.phase = 'open';
  state.closedBy = undefined;
  for (const number of event.withdrawn) {
    state.timers.delete(number);
    state.jobs.delete(number);
    state.children.delete(number);
  }
  state.liveCommit = undefined;
};

export const evolveRun: Evolvers<
  | 'RunExpected'
  | 'RunStarted'
  | 'RunRefused'
  | 'RunPaused'
  | 'RunResumed'
  | 'RunBlocked'
  | 'RunUnblocked'
  | 'DeploymentChanged'
  | 'RunContinued'
  | 'RunCompleted'
  | 'RunFailed'
  | 'RunRetried'
  | 'RunCanceled'
  | 'RunTerminated'
  | 'RunArchived'
  | 'RequestRefused'
  | 'CancelRequested'
  | 'SignalReceived'
  | 'SignalsExpired'
  | 'StatusSet'
  | 'TagsSet'
  | 'ChangeMarked'
> = {
  RunExpected: (state) => {
    state.phase = 'expected';
  },
  RunStarted: (state, event) => {
    state.phase = 'open';
    state.header = {
      app: event.app,
      workflow: event.workflow,
      inputHash: event.inputHash,
      parent: event.parent,
      traceparent: event.traceparent,
      startedAt: event.at,
      deployment: event.deployment,
      tags: event.tags,
    };
    rememberRequest(state, event.requestId, event.at);
  },
  RunRefused: (state, event) => close(state, 'refused', event),
  RunPaused: (state, event) => {
    state.paused = true;
    rememberRequest(state, event.requestId, event.at);
  },
  RunResumed: (state, event) => {
    state.paused = false;
    rememberRequest(state, event.requestId, event.at);
  },
  RunBlocked: (state, event) => {
    state.blocked = { tries: event.tries, since: state.blocked?.since ?? event.at };
  },
  RunUnblocked: (state) => {
    state.blocked = undefined;
  },
  DeploymentChanged: (state, event) => {
    if (state.header) state.header.deployment = event.deployment;
    state.liveCommit = undefined;
  },
  RunContinued: (state, event) => {
    if (!event.cancel) state.canceledAt = undefined;
    // Its own commit closed all that was open; what failed or closed before is of no use to the new beginning.
    state.jobs.clear();
    for (const [number, child] of state.children)
      if (child.status === 'closed' && child.closedAfter < state.version) state.children.delete(number);
  },
  RunCompleted: (state, event) => close(state, 'completed', event),
  RunFailed: (state, event) => close(state, 'failed', event),
  RunRetried: (state, event) => {
    withdraw(state, event);
    rememberRequest(state, event.requestId, event.at);
    if (state.header?.parent && event.parentGeneration !== undefined) {
      state.header = { ...state.header, parent: { ...state.header.parent, generation: event.parentGeneration } };
    }
  },
  RunCanceled: (state, event) => close(state, 'canceled', event),
  RunTerminated: (state, event) => {
    close(state, 'terminated', event);
    rememberRequest(state, event.requestId, event.at);
  },
  RunArchived: (state) => {
    state.phase = 'archived';
  },
  RequestRefused: (state, event) => rememberRequest(state, event.requestId, event.at),
  CancelRequested: (state, event) => {
    state.canceledAt = event.number;
    state.canceledBefore = event.number;
    state.paused = false;
    rememberRequest(state, event.requestId, event.at);
  },
  SignalReceived: (state, event) => rememberRequest(state, event.requestId, event.at),
  SignalsExpired: (state) => {
    state.phase = 'unknown';
    state.history = [];
    state.historyBytes = 0;
    state.undecided = [];
    state.canceledAt = undefined;
  },
  StatusSet: () => undefined,
  TagsSet: (state, event) => {
    if (state.header) state.header.tags = { ...state.header.tags, ...event.tags };
  },
  ChangeMarked: () => undefined,
};
