// What authors guard a change of workflow code with: a history that was recorded before, replayed by the code of now.
import { isErrorCode } from '../protocol/errors.ts';
import type { RunEvent } from '../protocol/events.ts';
import { runDecisionSchema, type DecisionInput } from '../protocol/functions.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { composeDecider } from './compose.ts';

/** What to replay. */
export interface ReplayOptions {
  /** Entry file of the app. */
  readonly entry: string;
  /** The workflow, or its name. */
  readonly workflow: string | { readonly name: string };
  /** What `history()` of a run told: its events since it was started, or since its last continueAs. */
  readonly events: readonly RunEvent[];
  /** Id of the run; children that were given no id of their own are named after it. */
  readonly runId?: string;
}

/**
 * Replays a recorded history against the workflow code as it is now, and rejects where the two disagree: runs that are under way
 * would be blocked by the change. Guard the change with `flow.changed(id)` then.
 *
 * @throws NON_DETERMINISTIC with both sides; WORKFLOW_UNKNOWN, BUNDLE_FAILED
 * @example
 * const events = JSON.parse(await readFile('test/histories/book-trip.json', 'utf8'));
 * await replayHistory({ entry: 'src/app.ts', workflow: bookTrip, events });
 */
export const replayHistory = async ({ entry, workflow, events, runId = 'replay' }: ReplayOptions): Promise<void> => {
  const decider = await composeDecider(entry);
  const last = events.at(-1)?.number ?? 0;
  const input: DecisionInput = {
    run: runId,
    app: '',
    workflow: typeof workflow === 'string' ? workflow : workflow.name,
    commitId: 'replay',
    nextNumber: last + 1,
    decidedUpTo: last,
    events,
  };
  const [answer = ''] = decider.decide({ v: PROTOCOL_VERSION, now: 0, links: {}, runs: [JSON.stringify(input)] }).runs;
  const decision = runDecisionSchema.parse(JSON.parse(answer));
  if (decision.kind === 'needHistory') throw new StarquakeError('INTERNAL', 'A replay from the beginning asked for the history.');
  if (decision.kind === 'blocked') {
    const { code, message } = decision.failure;
    throw new StarquakeError(isErrorCode(code) ? code : 'NON_DETERMINISTIC', message);
  }
  const [more] = decision.events;
  if (more)
    throw new StarquakeError(
      'NON_DETERMINISTIC',
      `The code asks for ${more.type} after the last event of the history, which has nothing there.`,
    );
};
