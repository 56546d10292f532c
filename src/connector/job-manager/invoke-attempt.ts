// Invokes the function of a job for one attempt, notices one that runs long, and enters it in the ledger.
import { isErrorCode } from '../../protocol/errors.ts';
import { jobAnswerSchema, type JobAnswer } from '../../protocol/functions.ts';
import type { LedgerEntry } from '../../protocol/ledger-entry.ts';
import { writeToken } from '../../protocol/completion-token.ts';
import { deriveIdempotencyKey } from '../../protocol/message-ids.ts';
import type { ManifestJob } from '../../protocol/manifest.ts';
import type { Attempt } from '../../protocol/messages.ts';
import type { Failure } from '../../protocol/payload.ts';
import { deriveAttemptSpanId } from '../../protocol/trace-context.ts';
import { topics } from '../../protocol/topics.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { chooseFunctionVersion } from '../../protocol/version.ts';
import type { InvocationResult } from '../../ports/functions.ts';
import type { ConnectorContext } from '../context/context.ts';
import { isUnbegun, judgeInvocation } from '../context/judge-invocation.ts';
import { readMessage } from '../context/read-message.ts';

/** A function may answer this long after the attempt's own timeout before it is given up. */
const ANSWER_MARGIN_MS = 5000;

/** Says on `history` that an attempt has been running for a while; nothing depends on it. */
const noticeRunning = ({ ports, settings }: ConnectorContext, attempt: Attempt, since: number): void => {
  const { run, job, generation, number } = attempt;
  const id = `${run}/running/${job}/${generation}/${number}`;
  const body = JSON.stringify({
    specversion: '1.0',
    id,
    source: 'starquake',
    type: 'starquake.attempt-running',
    subject: run,
    time: new Date(since).toISOString(),
    data: { run, job, generation, number, since },
  });
  ports.bus
    .publish([{ topic: topics.history.name, key: run, id, body }], { timeoutMs: settings.callTimeoutMs })
    .catch((error: unknown) => ports.report(error, 'noticing a running attempt'));
};

/** The input alone, for a function that knows nothing of attempts. */
const writeInput = async ({ payloads }: ConnectorContext, { input }: Attempt): Promise<string> =>
  'link' in input ? payloads.read(input.link) : (JSON.stringify(input.json) ?? 'null');

/** The request as JSON text: the attempt goes in as it came. */
const writeRequest = async ({ payloads, deployments, settings }: ConnectorContext, attempt: Attempt, body: string): Promise<string> => {
  const { run, epoch, job, generation } = attempt;
  const manifest = deployments.find(attempt.app, attempt.deployment);
  const v = manifest === undefined ? settings.writeVersion : chooseFunctionVersion(manifest, settings.writeVersion);
  const [links, grant] = await Promise.all([payloads.findLinks(run, [body]), payloads.findGrant(run)]);
  const rest = JSON.stringify({
    v,
    idempotencyKey: deriveIdempotencyKey(attempt),
    token: writeToken({ run, epoch, job, generation }),
    links,
    grant,
  });
  return `${rest.slice(0, -1)},"attempt":${body}}`;
};

/** The request, or why there is none: the attempt has not begun, unless what it needs is gone for good. */
const askFor = async (
  context: ConnectorContext,
  attempt: Attempt,
  body: string,
  job: ManifestJob,
): Promise<string | { readonly answer: JobAnswer | 'unavailable' }> => {
  try {
    return await (job.plain === true ? writeInput(context, attempt) : writeRequest(context, attempt, body));
  } catch (error) {
    context.ports.report(error, `asking for "${job.function}"`);
    if (!(error instanceof StarquakeError) || error.code !== 'PAYLOAD_MISSING') return { answer: 'unavailable' };
    return { answer: failed({ code: error.code, name: 'StarquakeError', message: error.message }, false) };
  }
};

const failed = (failure: Failure, retryable: boolean): JobAnswer => ({ kind: 'failed', failure, retryable });

/** The answer of a function that knows nothing of attempts is the output. */
const readOutput = (text: string): JobAnswer => {
  try {
    return { kind: 'succeeded', output: { json: JSON.parse(text) as unknown } };
  } catch {
    return failed({ code: 'OUTPUT_NOT_JSON', name: 'StarquakeError', message: 'The function answered something that is not JSON.' }, false);
  }
};

const readAnswer = (result: InvocationResult, job: ManifestJob): JobAnswer => {
  if (result.kind === 'failed') return failed(result.failure, judgeInvocation(result.failure.code) !== 'final');
  if (job.plain === true) return readOutput(result.payload);
  const read = readMessage(result.payload, jobAnswerSchema);
  return read.kind === 'message'
    ? read.message
    : failed(
        { code: 'OUTPUT_NOT_JSON', name: 'StarquakeError', message: 'The function answered something that is no answer of a job.' },
        false,
      );
};

const readOutcome = (result: InvocationResult, answer: JobAnswer): LedgerEntry['outcome'] => {
  if (result.kind === 'answered') return answer.kind;
  return result.failure.code === 'FUNCTION_TIMED_OUT' ? 'timedOut' : 'crashed';
};

/** The function did not begin, for no fault of the attempt: it is not deployed yet, or there was no room for it. */
const findUnavailable = (result: InvocationResult): StarquakeError | undefined => {
  if (result.kind === 'answered') return undefined;
  const { code, message } = result.failure;
  if (!isErrorCode(code) || !isUnbegun(judgeInvocation(code))) return undefined;
  return new StarquakeError(code, `${message} The attempt did not begin, and waits.`);
};

const traceAttempt = ({ ports }: ConnectorContext, attempt: Attempt, from: number, answer: JobAnswer): void =>
  ports.telemetry?.trace({
    run: attempt.run,
    traceparent: attempt.traceparent,
    name: `job ${attempt.name}`,
    from,
    to: ports.clock.now(),
    id: deriveAttemptSpanId(attempt),
    attributes: {
      'starquake.run': attempt.run,
      'starquake.app': attempt.app,
      'starquake.job': attempt.name,
      'starquake.attempt': attempt.number,
      'starquake.outcome': answer.kind,
    },
    ...(answer.kind === 'failed' && { failure: answer.failure.message }),
  });

/**
 * Runs one attempt; never rejects for what the function does.
 *
 * @returns `unavailable` when it did not begin, so that it is not used up
 */
export const invokeAttempt = async (
  context: ConnectorContext,
  attempt: Attempt,
  body: string,
  job: ManifestJob,
): Promise<JobAnswer | 'unavailable'> => {
  const { ports, calls, settings, gate, meter } = context;
  const startedAt = ports.clock.now();
  const cancelNotice = ports.clock.setTimer(startedAt + settings.runningNoticeMs, () => noticeRunning(context, attempt, startedAt));
  const timeoutMs = attempt.timeoutMs + ANSWER_MARGIN_MS;
  try {
    const request = await askFor(context, attempt, body, job);
    if (typeof request !== 'string') return request.answer;
    const result = await calls.within(`the function "${job.function}"`, timeoutMs + settings.callTimeoutMs, () =>
      ports.functions.invoke(job.function, request, { timeoutMs }),
    );
    const unavailable = findUnavailable(result);
    gate.note(job.function, unavailable === undefined);
    if (unavailable !== undefined) {
      ports.report(unavailable, 'running an attempt');
      return 'unavailable';
    }
    const answer = readAnswer(result, job);
    const { run, job: number, name, generation } = attempt;
    const entry = {
      function: job.function,
      kind: 'job' as const,
      app: attempt.app,
      outcome: readOutcome(result, answer),
      runs: [{ run, workflow: attempt.workflow }],
    };
    meter.record({ ...entry, attempt: { run, job: number, name, generation, number: attempt.number } }, result.report);
    traceAttempt(context, attempt, startedAt, answer);
    return answer;
  } catch (error) {
    ports.report(error, `invoking "${job.function}"`);
    return failed(
      { code: 'FUNCTION_TIMED_OUT', name: 'StarquakeError', message: error instanceof Error ? error.message : String(error) },
      true,
    );
  } finally {
    cancelNotice();
  }
};
