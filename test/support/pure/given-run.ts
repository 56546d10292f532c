// Makes the state of a run from its history, for tests of the form: given a history, when a message comes, then these events.
import { accept } from '../../../src/engine/accept/accept.ts';
import type { Acceptance, AcceptContext } from '../../../src/engine/accept/acceptance.ts';
import { evolve, sealCommit } from '../../../src/engine/evolve/evolve.ts';
import { deriveOutbox } from '../../../src/engine/outbox/outbox.ts';
import type { Outbox } from '../../../src/engine/outbox/derivation.ts';
import { createRunState, type RunState } from '../../../src/engine/run/run-state.ts';
import { summarize } from '../../../src/engine/run/summary.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import { runEventSchema, type NewEvent, type RunEvent } from '../../../src/protocol/events.ts';
import type { InboxMessage } from '../../../src/protocol/messages.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

/** When the first commit of a given run was made, in milliseconds since the epoch. */
export const GIVEN_AT = Date.UTC(2026, 0, 1);

/** A run that is given. */
export interface GivenRun {
  readonly state: RunState;
  readonly commits: readonly Commit[];
  readonly history: readonly RunEvent[];
}

/** What a commit holds beside its events. */
export type CommitParts = Partial<Pick<Commit, 'messages' | 'decided' | 'more' | 'watchAt' | 'epoch' | 'at'>>;

/** Makes one commit of drafts and folds it into a state. */
export const commitTo = (state: RunState, drafts: readonly NewEvent[], parts: CommitParts = {}): Commit => {
  const version = state.version + 1;
  const at = parts.at ?? GIVEN_AT + state.version * 1000;
  const events = drafts.map((draft, index) => runEventSchema.parse({ ...draft, number: state.lastNumber + 1 + index, at }));
  for (const event of events) evolve(state, event, parts.epoch ?? 0);
  const commit: Commit = {
    v: PROTOCOL_VERSION,
    run: state.run,
    version,
    id: `commit ${version}`,
    at,
    epoch: 0,
    messages: [`request/${version}`],
    decided: true,
    more: false,
    ...parts,
    events,
    summary: summarize(state, version),
  };
  sealCommit(state, commit);
  return commit;
};

/** Gives a run: each argument is a commit. */
export const givenRun = (...steps: readonly (readonly NewEvent[])[]): GivenRun => {
  const state = createRunState('run');
  const commits = steps.map((drafts) => commitTo(state, drafts));
  return { state, commits, history: commits.flatMap(({ events }) => events) };
};

const context: AcceptContext = {
  now: GIVEN_AT + 3_600_000,
  history: undefined,
  findDeployment: (app, deployment = 'one') =>
    app === 'desk' && deployment === 'one' ? { deployment, hasWorkflow: (name) => name === 'one-job' } : undefined,
};

/** A message without its version and run. */
export type MessageDraft = { [T in InboxMessage['type']]: Omit<Extract<InboxMessage, { type: T }>, 'v' | 'run'> }[InboxMessage['type']];

/** What becomes of a message to a given run. */
export const when = ({ state, history }: GivenRun, draft: MessageDraft, more: Partial<AcceptContext> = {}): Acceptance =>
  accept(state, { v: PROTOCOL_VERSION, run: 'run', ...draft }, { ...context, history, ...more });

/** The events that a message to a given run becomes; fails if it becomes none. */
export const eventsWhen = (given: GivenRun, draft: MessageDraft, more: Partial<AcceptContext> = {}): readonly NewEvent[] => {
  const acceptance = when(given, draft, more);
  if (acceptance.kind !== 'commit') throw new Error(`${draft.type} is ${acceptance.kind}`);
  return acceptance.events;
};

/** What the last commit of a given run promises. */
export const outboxOf = ({ state, commits }: GivenRun): Outbox => {
  const commit = commits.at(-1);
  if (!commit) throw new Error('nothing is committed');
  return deriveOutbox(commit, JSON.stringify(commit), state, { completedMs: 86_400_000, failedMs: 30 * 86_400_000 });
};
