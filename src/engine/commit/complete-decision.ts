// Turns a decision into events to commit: with the time of the commit, and with what continueAs and closing end (rules 14 to 16).
import type { NewEvent, RunEvent } from '../../protocol/events.ts';
import type { RunState } from '../run/run-state.ts';

const reason = 'the run began anew';

/** What continueAs closes in its own commit: open and held jobs, timers, attached children. */
const closeOpenThings = (state: RunState, decided: readonly RunEvent[]): readonly NewEvent[] => {
  const closings: NewEvent[] = [];
  const done = new Set(
    decided.flatMap((event) =>
      'job' in event && event.type !== 'JobScheduled'
        ? [event.job]
        : 'timer' in event
          ? [event.timer]
          : 'child' in event
            ? [event.child]
            : [],
    ),
  );
  for (const [job, { generation, status }] of state.jobs)
    if (status !== 'failed' && !done.has(job)) closings.push({ type: 'JobCanceled', job, generation, reason });
  for (const timer of state.timers.keys()) if (!done.has(timer)) closings.push({ type: 'TimerCanceled', timer });
  for (const [child, { event, generation, status }] of state.children) {
    if (status === 'open' && event.attached && !done.has(child))
      closings.push({ type: 'ChildClosed', child, generation, outcome: 'canceled' });
  }
  for (const event of decided) {
    if (done.has(event.number)) continue;
    if (event.type === 'JobScheduled') closings.push({ type: 'JobCanceled', job: event.number, generation: 1, reason });
    if (event.type === 'TimerStarted') closings.push({ type: 'TimerCanceled', timer: event.number });
    if (event.type === 'ChildStarted' && event.attached)
      closings.push({ type: 'ChildClosed', child: event.number, generation: 1, outcome: 'canceled' });
  }
  return closings;
};

/**
 * Stamps the events of a decision.
 *
 * @param state - the run with all accepted events folded in, and none of the decision's
 * @param decided - the decision's events, numbered from `state.lastNumber + 1`
 * @param at - time of the commit, in milliseconds since the epoch
 * @param deployment - the one that a new beginning goes on with, if it is another than before
 */
export const completeDecision = (state: RunState, decided: readonly RunEvent[], at: number, deployment?: string): RunEvent[] => {
  const last = decided.at(-1);
  if (last?.type !== 'RunContinued') return decided.map((event) => ({ ...event, at }));
  const before = decided.slice(0, -1);
  let number = state.lastNumber + before.length;
  const moves: readonly NewEvent[] = deployment === undefined ? [] : [{ type: 'DeploymentChanged', deployment }];
  const closings = [...closeOpenThings(state, before), ...moves].map((event): RunEvent => ({ ...event, number: ++number, at }));
  return [...before.map((event) => ({ ...event, at })), ...closings, { ...last, number: ++number, at }];
};
