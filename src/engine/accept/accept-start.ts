// Accepts StartRun, and the signals and cancels that may come before it.
import { SCHEDULE_WORKFLOW } from '../../protocol/schedule-names.ts';
import type { EventOf, NewEvent } from '../../protocol/events.ts';
import type { InboxMessageOf } from '../../protocol/messages.ts';
import type { RunState } from '../run/run-state.ts';
import { commit, settled, type Acceptance, type AcceptContext, type Acceptors } from './acceptance.ts';
import { planTry } from './plan-try.ts';
import { refuse } from './refuse.ts';

/** A run that is expected but not started is given up after this long. */
export const EXPECTED_MS = 24 * 3600_000;

/** Opens a run as expected, if nothing is known of it. */
const expectRun = (state: RunState, now: number): readonly NewEvent[] =>
  state.phase === 'unknown' ? [{ type: 'RunExpected', until: now + EXPECTED_MS }] : [];

const start = (message: InboxMessageOf<'StartRun'>, context: AcceptContext): Acceptance => {
  const found = context.findDeployment(message.app, message.deployment);
  const started: Omit<EventOf<'RunStarted'>, 'number' | 'at'> = {
    type: 'RunStarted',
    app: message.app,
    workflow: message.workflow,
    input: message.input,
    inputHash: message.inputHash,
    tags: message.tags,
    requestId: message.requestId,
    ...((found ?? message).deployment !== undefined && { deployment: (found ?? message).deployment ?? '' }),
    ...(message.parent && { parent: message.parent }),
    ...(message.traceparent !== undefined && { traceparent: message.traceparent }),
  };
  if (!found) {
    const what =
      message.deployment === undefined
        ? `No deployment of the app "${message.app}" is known yet.`
        : `The deployment "${message.deployment}" of the app "${message.app}" is not known yet.`;
    const code = message.deployment === undefined ? 'APP_UNKNOWN' : 'DEPLOYMENT_UNKNOWN';
    return commit(started, {
      type: 'RunBlocked',
      failure: { code, name: 'StarquakeError', message: what },
      tries: 1,
      nextTryAt: planTry(1, 0, context.now),
    });
  }
  if (message.workflow !== SCHEDULE_WORKFLOW && !found.hasWorkflow(message.workflow)) {
    const what = `The app "${message.app}" has no workflow "${message.workflow}" in its deployment "${found.deployment}".`;
    return commit(started, { type: 'RunRefused', failure: { code: 'WORKFLOW_UNKNOWN', name: 'StarquakeError', message: what } });
  }
  return commit(started);
};

const isSameStart = (state: RunState, message: InboxMessageOf<'StartRun'>): boolean => {
  const { header } = state;
  if (!header || header.app !== message.app || header.workflow !== message.workflow || header.inputHash !== message.inputHash) return false;
  return !message.parent || (header.parent?.run === message.parent.run && header.parent.event === message.parent.event);
};

export const acceptStart: Acceptors<'StartRun' | 'Signal' | 'Cancel'> = {
  StartRun: (state, message, context) => {
    if (state.phase === 'unknown' || state.phase === 'expected') return start(message, context);
    if (isSameStart(state, message)) return settled;
    const what = `The run "${state.run}" exists with another workflow or input.`;
    if (state.phase === 'archived')
      return { kind: 'refused', code: 'RUN_EXISTS', message: what, ...(message.parent && { reply: message.parent }) };
    return refuse(state, message.requestId, 'RUN_EXISTS', what, message.parent);
  },
  Signal: (state, message, context) => {
    const received: NewEvent = { type: 'SignalReceived', signal: message.signal, value: message.value, requestId: message.requestId };
    if (state.phase === 'unknown' || state.phase === 'expected' || state.phase === 'open' || state.phase === 'failed') {
      return commit(...expectRun(state, context.now), received);
    }
    return refuse(state, message.requestId, 'RUN_CLOSED', `The run "${state.run}" has ended as ${state.phase}, so it takes no signal.`);
  },
  Cancel: (state, message, context) => {
    if (state.blocked)
      return refuse(state, message.requestId, 'CANCEL_BLOCKED', `The run "${state.run}" is blocked: its code cannot be asked to clean up.`);
    const requested: NewEvent = { type: 'CancelRequested', requestId: message.requestId, reason: message.reason };
    if (state.phase === 'unknown' || state.phase === 'expected') return commit(...expectRun(state, context.now), requested);
    if (state.phase !== 'open')
      return refuse(state, message.requestId, 'RUN_CLOSED', `The run "${state.run}" has ended as ${state.phase}.`);
    if (state.canceledAt !== undefined)
      return refuse(state, message.requestId, 'RUN_STATE', `The run "${state.run}" is being canceled already.`);
    const held = [...state.jobs.values()].filter((job) => job.status === 'held');
    return commit(
      requested,
      ...held.map((job): NewEvent => ({
        type: 'JobCanceled',
        job: job.event.number,
        generation: job.generation,
        reason: 'the run was canceled',
      })),
    );
  },
};
