// Whether a message of a queue may be acked: only if what it asks for is published, or is wanted no more.
import type { OutgoingMessage } from '../../../src/ports/bus.ts';
import { identifyAttempt } from '../../../src/protocol/message-ids.ts';
import type { Attempt, AttemptFailed, Due } from '../../../src/protocol/messages.ts';
import { isCanceledBeforeAttempt, isWanted } from '../../../src/engine/run/summary.ts';
import type { World } from './world.ts';

/** An early timer may be put off instead. */
const HOLD_MS = 2000;

/** Whether what an attempt came to was published. */
const hasResult = ({ ledger }: World, attempt: Pick<Attempt, 'run' | 'epoch' | 'job' | 'generation' | 'number'>): boolean => {
  const { run, epoch, job, generation } = attempt;
  const ended = ['JobSucceeded', 'JobFailed', 'JobCanceled'].some((kind) =>
    ledger.wasPublished('inbox', run, `${epoch}/job/${job}/${generation}/${kind}`),
  );
  const later = ledger.wasPostponed({ key: run, id: `${run}/${epoch}/job/${job}/${generation}/JobFailed` });
  return ended || later || ledger.wasPublished('retries', run, `${identifyAttempt(attempt)}/failed`);
};

/** Why the claim that stands may not be finished; undefined if it may (rule 12). */
export const explainFinished = (world: World, key: Pick<Attempt, 'run' | 'epoch' | 'job'>): string | undefined => {
  const claim = world.runs.readClaim(key);
  if (claim?.finished !== true || hasResult(world, { ...key, ...claim })) return undefined;
  return `the claim of ${key.run}, job ${key.job}, attempt ${claim.generation}.${claim.number} was finished by another attempt's answer`;
};

const explainAttempt = (world: World, attempt: Attempt): string | undefined => {
  const { ledger, runs } = world;
  const { run, job, generation, number } = attempt;
  if (hasResult(world, attempt) || ledger.wasPostponed({ key: run, id: identifyAttempt(attempt) })) return undefined;
  const summary = runs.readSummary(run);
  // Jobs of a canceled run end by the JobCanceled that its cancel has made due.
  if (!summary || !isWanted(summary, attempt) || isCanceledBeforeAttempt(summary, job)) return undefined;
  const claim = runs.readClaim(attempt);
  const overtaken =
    claim && (claim.generation > generation || (claim.generation === generation && (claim.number > number || claim.finished)));
  return overtaken === true ? undefined : 'nothing was published for it, and it is wanted';
};

const explainFailure = ({ ledger, runs }: World, { attempt }: AttemptFailed): string | undefined => {
  const { run, epoch, job, generation, number } = attempt;
  const next = ledger.wasPostponed({ key: run, id: identifyAttempt({ ...attempt, number: number + 1 }) });
  const judged = ['JobFailed', 'JobHeld'].some((kind) => ledger.wasPublished('inbox', run, `${epoch}/job/${job}/${generation}/${kind}`));
  const claim = runs.readClaim(attempt);
  const overtaken = claim && (claim.generation > generation || (claim.generation === generation && claim.number > number));
  return next || judged || overtaken === true ? undefined : 'nothing follows it';
};

const explainDue = (world: World, due: Due): string | undefined => {
  if (world.ledger.wasPublished(due.topic, due.key, due.id)) return undefined;
  return due.dueAt > world.now + HOLD_MS ? undefined : 'it was not published';
};

/** Why a message of a queue may not be acked; undefined if it may. */
export const explainQueueAck = (world: World, { topic, body }: OutgoingMessage): string | undefined => {
  const message: unknown = JSON.parse(body);
  if (topic === 'timers') return explainDue(world, message as Due);
  if (topic === 'retries') return explainFailure(world, message as AttemptFailed);
  return explainAttempt(world, message as Attempt);
};
