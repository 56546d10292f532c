// What the events about a run and its children promise: starts and ends of children, tries, the answer to the parent, the archive.
import type { EventOf, Parent, RunOutcome } from '../../protocol/events.ts';
import type { Failure, Payload } from '../../protocol/payload.ts';
import type { Commit } from '../../protocol/commit.ts';
import type { Origin } from '../../protocol/messages.ts';
import type { ChildState } from '../run/run-state.ts';
import { postpone, writeInbox, type Derivation, type Derivers, type InboxDraft } from './derivation.ts';

/** A tombstone's older versions are let go this long after it was made: an hour more than rule 2 asks for. */
const PRUNE_AFTER_MS = 25 * 3600_000;

const nameOrigin = ({ run, version, epoch, id }: Commit): Origin => ({ run, version, epoch, commit: id });

const answerParent = (
  parent: Parent,
  end: { outcome: RunOutcome; output?: Payload; failure?: Failure },
  { outbox, commit }: Derivation,
): void => {
  const { run, epoch, event: child, generation } = parent;
  outbox.letters.push(writeInbox({ type: 'ChildClosed', run, epoch, child, generation, ...end, origin: nameOrigin(commit) }, commit.v));
};

const close = (
  event: { readonly number: number; readonly at: number },
  end: { outcome: RunOutcome; output?: Payload; failure?: Failure },
  derivation: Derivation,
): void => {
  const { commit, state, retention, outbox } = derivation;
  if (state.header?.parent) answerParent(state.header.parent, end, derivation);
  const keepMs = end.outcome === 'failed' ? retention.failedMs : retention.completedMs;
  const archive = writeInbox({ type: 'Archive', run: commit.run, closing: event.number }, commit.v);
  outbox.dues.push(postpone(archive, event.at + keepMs, commit.v));
};

const tellChild = (child: ChildState, type: 'Cancel' | 'Terminate', derivation: Derivation): void => {
  const { commit, outbox } = derivation;
  const requestId = `${child.epoch}/${commit.run}/${child.event.number}/${child.generation}/${type}`;
  const reason = `its parent "${commit.run}" asked for it`;
  const draft: InboxDraft = { type, run: child.event.run, requestId, reason, origin: nameOrigin(commit) };
  outbox.letters.push(writeInbox(draft, commit.v));
};

const tellAttached = (type: 'Cancel' | 'Terminate', derivation: Derivation): void => {
  for (const child of derivation.state.children.values()) {
    if (child.status === 'open' && child.event.attached) tellChild(child, type, derivation);
  }
};

const expireJobs = (event: EventOf<'CancelRequested'>, { commit, state, outbox }: Derivation): void => {
  for (const [number, job] of state.jobs) {
    if (number > event.number || job.status !== 'open') continue;
    const { epoch, generation } = job;
    const reason = 'the run was canceled';
    const canceled = writeInbox({ type: 'JobCanceled', run: commit.run, epoch, job: number, generation, reason }, commit.v);
    outbox.dues.push(postpone(canceled, event.at + job.event.timeoutMs, commit.v));
  }
};

const startChild = (event: EventOf<'ChildStarted'>, { commit, state, outbox }: Derivation): void => {
  const start: InboxDraft = {
    type: 'StartRun',
    run: event.run,
    app: event.app,
    workflow: event.workflow,
    input: event.input,
    inputHash: event.inputHash,
    tags: event.tags,
    requestId: `${commit.epoch}/${commit.run}/${event.number}`,
    parent: { run: commit.run, epoch: commit.epoch, event: event.number, generation: 1, attached: event.attached },
    ...(state.header?.traceparent !== undefined && { traceparent: state.header.traceparent }),
    origin: nameOrigin(commit),
  };
  outbox.letters.push(writeInbox(start, commit.v));
};

const retryChild = (event: EventOf<'ChildRetried'>, { commit, state, outbox }: Derivation): void => {
  const child = state.children.get(event.child);
  if (!child) return;
  const parent: Parent = {
    run: commit.run,
    epoch: child.epoch,
    event: event.child,
    generation: event.generation,
    attached: child.event.attached,
  };
  const requestId = `${child.epoch}/${commit.run}/${event.child}/${event.generation}`;
  outbox.letters.push(writeInbox({ type: 'RetryRun', run: child.event.run, requestId, parent, origin: nameOrigin(commit) }, commit.v));
};

export const deriveFromRun: Derivers = {
  ChildStarted: startChild,
  ChildRetried: retryChild,
  ChildClosed: (event, derivation) => {
    const child = derivation.state.children.get(event.child);
    if (
      event.outcome === 'canceled' &&
      child &&
      !derivation.commit.messages.includes(`${child.epoch}/child/${event.child}/${event.generation}`)
    )
      tellChild(child, 'Cancel', derivation);
  },
  CancelRequested: (event, derivation) => {
    const { phase } = derivation.state;
    if (phase === 'open') tellAttached('Cancel', derivation);
    // One that failed in this very commit may be retried, and must not wait for an attempt that the cancel has dropped.
    if (phase === 'open' || phase === 'failed') expireJobs(event, derivation);
  },
  RunExpected: (event, { commit, outbox }) => {
    const wake = writeInbox({ type: 'Wake', run: commit.run, version: commit.version, cause: 'expected' }, commit.v);
    outbox.dues.push(postpone(wake, event.until, commit.v));
  },
  RunBlocked: (event, { commit, outbox }) => {
    const wake = writeInbox({ type: 'Wake', run: commit.run, version: commit.version, cause: 'blocked' }, commit.v);
    outbox.dues.push(postpone(wake, event.nextTryAt, commit.v));
  },
  RequestRefused: (event, derivation) => {
    if (!event.reply) return;
    answerParent(
      event.reply,
      { outcome: 'failed', failure: { code: event.code, name: 'StarquakeError', message: event.message } },
      derivation,
    );
  },
  RunCompleted: (event, derivation) => close(event, { outcome: 'completed', output: event.output }, derivation),
  RunFailed: (event, derivation) => close(event, { outcome: 'failed', failure: event.failure }, derivation),
  RunRefused: (event, derivation) => close(event, { outcome: 'refused', failure: event.failure }, derivation),
  RunCanceled: (event, derivation) => {
    close(event, { outcome: 'canceled', failure: { code: 'RUN_CANCELED', name: 'RunCanceledError', message: event.reason } }, derivation);
    tellAttached('Cancel', derivation);
  },
  RunTerminated: (event, derivation) => {
    close(event, { outcome: 'terminated', failure: { code: 'RUN_TERMINATED', name: 'StarquakeError', message: event.reason } }, derivation);
    tellAttached('Terminate', derivation);
  },
  RunArchived: (event, { commit, outbox }) => {
    // Named after the tombstone, or it would be taken for the message that caused it.
    const prune = writeInbox({ type: 'Archive', run: commit.run, closing: event.number }, commit.v);
    outbox.dues.push(postpone(prune, event.at + PRUNE_AFTER_MS, commit.v));
  },
};
