// Claims an attempt that may be a copy: whether it is still wanted, and whether nobody else runs or ran it (rule 12).
import { identifyAttempt } from '../../protocol/message-ids.ts';
import type { Attempt, Due } from '../../protocol/messages.ts';
import { jobTopic } from '../../protocol/topics.ts';
import { writeInbox } from '../../engine/outbox/derivation.ts';
import { isCanceledBeforeAttempt, isWanted } from '../../engine/run/summary.ts';
import type { Claim } from '../../ports/run-store.ts';
import type { ConnectorContext } from '../context/context.ts';
import { publishDues } from '../context/publish-outbox.ts';

/** What claiming came to. `dropped`: nothing is to be run, the message is done. `unanswered`: the connector stops. */
export type ClaimedAttempt =
  | { readonly kind: 'claimed'; readonly claimant: string }
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unanswered' };

const dropped: ClaimedAttempt = { kind: 'dropped' };
const unanswered: ClaimedAttempt = { kind: 'unanswered' };

const cancelAttempt = async (
  { ports, calls, settings }: ConnectorContext,
  { run, epoch, job, generation }: Attempt,
): Promise<ClaimedAttempt> => {
  const reason = 'the run was canceled before the attempt began';
  const letter = writeInbox({ type: 'JobCanceled', run, epoch, job, generation, reason }, settings.writeVersion);
  const published = await calls.untilDone('publishing JobCanceled', settings.callTimeoutMs, async (again) => {
    await ports.bus.publish([{ ...letter, again }], { timeoutMs: settings.callTimeoutMs });
    return true;
  });
  return published ? dropped : unanswered;
};

/** A copy that meets a live lease comes back at its end; one that meets a finished or higher claim is done. */
const comeBack = async (context: ConnectorContext, attempt: Attempt, body: string, standing: Claim): Promise<ClaimedAttempt> => {
  const higher =
    standing.generation > attempt.generation || (standing.generation === attempt.generation && standing.number > attempt.number);
  const same = standing.generation === attempt.generation && standing.number === attempt.number;
  if (higher || (same && standing.finished)) return dropped;
  const due: Due = {
    type: 'Due',
    v: context.settings.writeVersion,
    dueAt: standing.leaseUntil,
    topic: jobTopic(attempt.app, attempt.name).name,
    key: attempt.run,
    id: identifyAttempt(attempt),
    message: body,
  };
  const published = await context.calls.untilDone('putting an attempt off', context.settings.callTimeoutMs, async () => {
    await publishDues(context, [due]);
    return true;
  });
  return published ? dropped : unanswered;
};

/** Whether a claim is this attempt's or a later one's. */
const covers = (claim: Claim, { generation, number }: Attempt): boolean =>
  claim.generation > generation || (claim.generation === generation && claim.number >= number);

/** An attempt of a canceled run: it is not begun; only one that surely has not begun before is answered for (rule 15). */
const dropCanceled = async (context: ConnectorContext, attempt: Attempt, body: string, mayHaveRun: boolean): Promise<ClaimedAttempt> => {
  const { ports, calls, settings } = context;
  const { run, epoch, job } = attempt;
  const read = await calls.untilDone('reading a claim', settings.callTimeoutMs, async () => ({
    claim: await ports.runs.readClaim({ run, epoch, job }, { timeoutMs: settings.callTimeoutMs }),
  }));
  if (!read) return unanswered;
  if (read.claim && covers(read.claim, attempt)) {
    return read.claim.leaseUntil > ports.clock.now() ? comeBack(context, attempt, body, read.claim) : dropped;
  }
  // One that may have run unchecked is left to the JobCanceled that is due after its timeout.
  return mayHaveRun && attempt.number === 1 ? dropped : cancelAttempt(context, attempt);
};

/**
 * Claims an attempt.
 *
 * @param body - the attempt's message, to be sent again
 * @param mayHaveRun - it was published or delivered before
 */
export const claimAttempt = async (
  context: ConnectorContext,
  attempt: Attempt,
  body: string,
  mayHaveRun: boolean,
): Promise<ClaimedAttempt> => {
  const { ports, calls, settings } = context;
  const { run, epoch, job, generation, number } = attempt;
  const options = { timeoutMs: settings.callTimeoutMs };
  const summary = await calls.untilDone('reading a summary', settings.callTimeoutMs, async () => ({
    found: await ports.runs.readSummary(run, options),
  }));
  if (!summary) return unanswered;
  if (!summary.found || !isWanted(summary.found, attempt)) return dropped;
  if (isCanceledBeforeAttempt(summary.found, job)) return dropCanceled(context, attempt, body, mayHaveRun);
  const claimant = ports.newId();
  const outcome = await calls.untilDone('claiming an attempt', settings.callTimeoutMs, () => {
    const now = ports.clock.now();
    return ports.runs.claim(
      { run, epoch, job, generation, number, claimant, now, leaseUntil: now + attempt.timeoutMs + settings.leaseMarginMs },
      options,
    );
  });
  if (!outcome) return unanswered;
  return outcome.kind === 'granted' ? { kind: 'claimed', claimant } : comeBack(context, attempt, body, outcome.standing);
};
