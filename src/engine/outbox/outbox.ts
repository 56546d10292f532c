// Derives from a commit the messages that it promises: a pure function, so that the commit is the outbox (rule 4).
import type { Commit } from '../../protocol/commit.ts';
import type { RunEvent } from '../../protocol/events.ts';
import { topics } from '../../protocol/topics.ts';
import type { RunState } from '../run/run-state.ts';
import { deriveFromJobs } from './derive-from-jobs.ts';
import { deriveFromRun } from './derive-from-run.ts';
import { deriveFromTimers } from './derive-from-timers.ts';
import { postpone, writeInbox, type Derivation, type Derivers, type Letter, type Outbox, type Retention } from './derivation.ts';

const derivers: Derivers = { ...deriveFromJobs, ...deriveFromTimers, ...deriveFromRun };

const deriveFrom = (event: RunEvent, derivation: Derivation): void => {
  const deriver: ((event: never, derivation: Derivation) => void) | undefined = derivers[event.type];
  deriver?.(event as never, derivation);
};

const deriveWakes = ({ commit, state, outbox }: Derivation): void => {
  const wake = (cause: 'more' | 'undecided' | 'watch'): Letter =>
    writeInbox({ type: 'Wake', run: commit.run, version: commit.version, cause }, commit.v);
  if (commit.watchAt !== undefined) outbox.dues.push(postpone(wake('watch'), commit.watchAt, commit.v));
  if (state.phase !== 'open' || state.paused || state.blocked) return;
  if (commit.more) outbox.letters.push(wake('more'));
  else if (state.undecided.length > 0) outbox.letters.push(wake('undecided'));
};

/**
 * Derives all that a commit promises; the same commit always promises the same, with the same ids.
 *
 * @param commit - the newest commit of the run
 * @param text - its JSON
 * @param state - the run as this commit left it
 */
export const deriveOutbox = (commit: Commit, text: string, state: RunState, retention: Retention): Outbox => {
  const derivation: Derivation = { commit, state, retention, outbox: { letters: [], dues: [] } };
  for (const event of commit.events) deriveFrom(event, derivation);
  deriveWakes(derivation);
  derivation.outbox.letters.push(writeHistory(commit, text));
  return derivation.outbox;
};

/** The commit as a CloudEvent. @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
const writeHistory = (commit: Commit, text: string): Letter => {
  const id = `${commit.run}/${commit.version}`;
  const head = {
    specversion: '1.0',
    id,
    source: 'starquake',
    type: 'starquake.commit',
    subject: commit.run,
    time: new Date(commit.at).toISOString(),
  };
  return { topic: topics.history.name, key: commit.run, id, body: `${JSON.stringify(head).slice(0, -1)},"data":${text}}` };
};
