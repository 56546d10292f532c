// Accepts RetryRun: what a failed run withdraws, so that its code meets the failure anew (rule 14).
import type { EventOf, NewEvent, Parent, RunEvent } from '../../protocol/events.ts';
import type { InboxMessageOf } from '../../protocol/messages.ts';
import type { RunState } from '../run/run-state.ts';
import { commit, type Acceptance, type AcceptContext } from './acceptance.ts';
import { refuse } from './refuse.ts';

type Failed = EventOf<'JobFailed'> | EventOf<'ChildClosed'>;

const isFailed = (event: RunEvent): event is Failed =>
  event.type === 'JobFailed' || (event.type === 'ChildClosed' && event.outcome !== 'completed' && event.command === undefined);

/** What is withdrawn with a RunFailed, and which jobs and children begin a new generation. */
export interface Withdrawal {
  readonly withdrawn: readonly number[];
  readonly failures: readonly Failed[];
  /** A withdrawn command that cannot be taken back. */
  readonly reacted: RunEvent | undefined;
}

/** Whether a command cannot be taken back: work that was asked for, or something from before that was given up. */
const hasBegun = (event: RunEvent, withdrawn: ReadonlySet<number>): boolean => {
  switch (event.type) {
    case 'JobScheduled':
    case 'ChildStarted':
      return true;
    case 'JobCanceled':
      return !withdrawn.has(event.job);
    case 'TimerCanceled':
      return !withdrawn.has(event.timer);
    case 'ChildClosed':
      return !withdrawn.has(event.child);
    default:
      return false;
  }
};

/**
 * Finds what a retry withdraws.
 *
 * @param history - events of the run's present beginning
 */
export const findWithdrawal = (history: readonly RunEvent[]): Withdrawal | undefined => {
  const gone = new Set(history.flatMap((event) => (event.type === 'RunRetried' ? event.withdrawn : [])));
  const standing = history.filter((event) => !gone.has(event.number));
  const failed = standing.findLast((event) => event.type === 'RunFailed');
  if (!failed) return undefined;
  const origin = standing.find((event) => event.number === failed.cause);
  if (!origin || !isFailed(origin)) return { withdrawn: [failed.number], failures: [], reacted: undefined };
  const failures = standing.filter((event): event is Failed => event.number >= origin.number && isFailed(event));
  const emitted = standing.filter((event) => 'cause' in event && event.cause !== undefined && event.cause >= origin.number);
  // A timer that the code would not ask for now has not fired for it either.
  const begun = new Set(emitted.map((event) => event.number));
  const fired = standing.filter((event) => event.type === 'TimerFired' && begun.has(event.timer));
  return {
    withdrawn: [...new Set([...failures, ...emitted, ...fired].map((event) => event.number))].toSorted((a, b) => a - b),
    failures,
    reacted: emitted.find((event) => hasBegun(event, begun)),
  };
};

const beginAnew = (state: RunState, failure: Failed, requestId: string): readonly NewEvent[] => {
  if (failure.type === 'JobFailed') {
    const job = state.jobs.get(failure.job);
    return job ? [{ type: 'JobRetried', job: failure.job, generation: job.generation + 1, newKey: false, requestId }] : [];
  }
  const child = state.children.get(failure.child);
  return child ? [{ type: 'ChildRetried', child: failure.child, generation: child.generation + 1 }] : [];
};

const withdraw = (state: RunState, message: InboxMessageOf<'RetryRun'>, withdrawal: Withdrawal, context: AcceptContext): Acceptance => {
  const newest = state.header && context.findDeployment(state.header.app)?.deployment;
  const changes = withdrawal.failures.length === 0 && newest !== undefined && newest !== state.header?.deployment;
  return commit(
    {
      type: 'RunRetried',
      requestId: message.requestId,
      withdrawn: [...withdrawal.withdrawn],
      ...(message.parent && { parentGeneration: message.parent.generation }),
    },
    ...withdrawal.failures.flatMap((failure) => beginAnew(state, failure, message.requestId)),
    ...(changes ? [{ type: 'DeploymentChanged' as const, deployment: newest }] : []),
  );
};

const isParent = (asking: Parent, parent: Parent | undefined): boolean =>
  parent?.run === asking.run && parent.epoch === asking.epoch && parent.event === asking.event;

export const acceptRetryRun = (state: RunState, message: InboxMessageOf<'RetryRun'>, context: AcceptContext): Acceptance => {
  const parent = state.header?.parent;
  const reply = message.parent;
  if (reply && !isParent(reply, parent))
    return refuse(state, message.requestId, 'RUN_EXISTS', `The run "${state.run}" is not a child of "${reply.run}".`, reply);
  if (state.phase !== 'failed')
    return refuse(state, message.requestId, 'RUN_NOT_FAILED', `The run "${state.run}" has not failed: it is ${state.phase}.`, reply);
  if (parent?.attached && !message.parent) {
    return refuse(state, message.requestId, 'RETRY_PARENT', `The run "${state.run}" is a child; retry its parent "${parent.run}".`);
  }
  if (!context.history) return { kind: 'needHistory' };
  const withdrawal = findWithdrawal(context.history);
  if (!withdrawal) return refuse(state, message.requestId, 'RUN_NOT_FAILED', `The run "${state.run}" has no failure to withdraw.`, reply);
  if (withdrawal.reacted) {
    const what = `The code of the run "${state.run}" has acted on the failure (event ${withdrawal.reacted.number}, ${withdrawal.reacted.type}), so it cannot be withdrawn.`;
    return refuse(state, message.requestId, 'REACTED', what, reply);
  }
  return withdraw(state, message, withdrawal, context);
};
