// Publishes what an attempt came to: before its message is acked, so that it cannot be lost.
import type { JobAnswer } from '../../protocol/functions.ts';
import { identifyAttempt } from '../../protocol/message-ids.ts';
import type { Attempt, AttemptFailed } from '../../protocol/messages.ts';
import { topics } from '../../protocol/topics.ts';
import { postpone, writeInbox, type Letter } from '../../engine/outbox/derivation.ts';
import { boundFailure } from '../context/bound-failure.ts';
import type { ConnectorContext } from '../context/context.ts';
import { publishDues } from '../context/publish-outbox.ts';

const writeFailure = (attempt: Attempt, answer: Extract<JobAnswer, { kind: 'failed' }>, failedAt: number, v: number): Letter => {
  const failed: AttemptFailed = {
    type: 'AttemptFailed',
    v,
    attempt,
    failure: boundFailure(answer.failure),
    retryable: answer.retryable,
    failedAt,
  };
  return { topic: topics.retries.name, key: attempt.run, id: `${identifyAttempt(attempt)}/failed`, body: JSON.stringify(failed) };
};

/** The completion timeout of an answer that comes later: a failure, unless the token is used before (rule 12). */
const writeLaterTimeout = (attempt: Attempt, timeoutMs: number, v: number): Letter => {
  const { run, epoch, job, generation, number, name } = attempt;
  const failure = {
    code: 'ATTEMPT_TIMED_OUT',
    name: 'StarquakeError',
    message: `The job "${name}" was not completed within ${timeoutMs} ms.`,
  };
  return writeInbox({ type: 'JobFailed', run, epoch, job, generation, failure, attempt: number }, v);
};

/** @returns whether it was published; not if the connector stops */
export const answerAttempt = async (context: ConnectorContext, attempt: Attempt, answer: JobAnswer): Promise<boolean> => {
  const { ports, calls, settings, payloads } = context;
  const { run, epoch, job, generation, number } = attempt;
  const endedAt = ports.clock.now();
  const v = settings.writeVersion;
  if (answer.kind === 'later') {
    const due = postpone(writeLaterTimeout(attempt, answer.timeoutMs, v), endedAt + answer.timeoutMs, v);
    const put = await calls.untilDone('arming a completion timeout', settings.callTimeoutMs, async () => {
      await publishDues(context, [due]);
      return true;
    });
    return put ?? false;
  }
  const published = await calls.untilDone('publishing the end of an attempt', settings.callTimeoutMs * 2, async (again) => {
    const letter =
      answer.kind === 'succeeded'
        ? // A function that answered a large output inline has it put by us (rule 20).
          writeInbox(
            { type: 'JobSucceeded', run, epoch, job, generation, output: await payloads.store(run, answer.output), attempt: number },
            v,
          )
        : writeFailure(attempt, answer, endedAt, v);
    await ports.bus.publish([again ? { ...letter, again } : letter], { timeoutMs: settings.callTimeoutMs });
    return true;
  });
  return published ?? false;
};
