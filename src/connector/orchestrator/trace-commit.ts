// Tells telemetry what a commit was about: a span for the commit, one for the whole run when it ends.
import { deriveRunSpanId } from '../../protocol/trace-context.ts';
import type { Commit } from '../../protocol/commit.ts';
import type { RunEvent } from '../../protocol/events.ts';
import type { RunState } from '../../engine/run/run-state.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

const ENDS: Partial<Record<RunEvent['type'], string>> = {
  RunCompleted: 'completed',
  RunFailed: 'failed',
  RunCanceled: 'canceled',
  RunTerminated: 'terminated',
  RunRefused: 'refused',
  RunBlocked: 'blocked',
};

/** What a failed or blocked run failed of. */
const findFailure = (events: readonly RunEvent[]): string | undefined => {
  for (const event of events) if (event.type === 'RunFailed' || event.type === 'RunBlocked') return event.failure.message;
  return undefined;
};

/**
 * Tells of a commit that was appended.
 *
 * @param state - the run after it
 * @param from - when the work on it began, in milliseconds since the epoch
 */
export const traceCommit = (telemetry: Telemetry | undefined, state: RunState, commit: Commit, from: number, to: number): void => {
  if (telemetry === undefined) return;
  const { run, version, events, messages, decided } = commit;
  const { app = '', workflow = '', traceparent, startedAt } = state.header ?? {};
  const failure = findFailure(events);
  const failed = failure === undefined ? {} : { failure };
  const about = { run, traceparent, to, ...failed };
  const attributes = { 'starquake.run': run, 'starquake.app': app, 'starquake.workflow': workflow };
  const counts = { 'starquake.version': version, 'starquake.events': events.length, 'starquake.messages': messages.length };
  telemetry.trace({ ...about, name: decided ? 'decide' : 'accept', from, attributes: { ...attributes, ...counts } });
  for (const { type } of events) {
    const status = ENDS[type];
    if (status === undefined) continue;
    telemetry.count('starquake_run_ends', 1, { app, workflow, status });
    if (status === 'blocked') telemetry.count('starquake_blocked_runs', 1);
    if (startedAt === undefined || status === 'blocked') continue;
    const id = deriveRunSpanId(run);
    telemetry.trace({
      ...about,
      name: `${app}/${workflow}`,
      from: startedAt,
      id,
      attributes: { ...attributes, 'starquake.status': status },
    });
  }
};
