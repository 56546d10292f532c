// Reads `retries`: the app's own job-retry function judges each failed attempt; another attempt, JobFailed or JobHeld follows.
import { jobRetryAnswerSchema, type JobRetryRequest, type RetryVerdict } from '../protocol/functions.ts';
import { identifyAttempt } from '../protocol/message-ids.ts';
import { attemptFailedSchema, type Attempt, type AttemptFailed, type Due } from '../protocol/messages.ts';
import { jobTopic, subscriptions, topics } from '../protocol/topics.ts';
import { chooseFunctionVersion } from '../protocol/version.ts';
import { writeInbox } from '../engine/outbox/derivation.ts';
import type { IncomingMessage, QueueSubscription } from '../ports/bus.ts';
import type { ConnectorContext, Loop } from './context/context.ts';
import { publishDues } from './context/publish-outbox.ts';
import { bury, describeNewer, readMessage } from './context/read-message.ts';

const PREFETCH = 1000;
const TIMEOUT_MS = 30_000;
/** A failure that cannot be judged now is looked at again after this long. */
const AGAIN_MS = 1000;

/** Most characters of one invocation, well below what a function takes. */
const BATCH_CHARACTERS = 2_000_000;

interface Failed {
  readonly incoming: IncomingMessage;
  readonly failed: AttemptFailed;
}

/** The loop from `retries` to the next attempt. */
export class JobRetry implements Loop {
  readonly #context: ConnectorContext;
  readonly #working = new Set<Promise<void>>();
  #queue: QueueSubscription | undefined;
  #givenUp = false;
  #gathered: Failed[] = [];

  constructor(context: ConnectorContext) {
    this.#context = context;
  }

  /** Begins to read. */
  async start(): Promise<void> {
    const { ports, settings } = this.#context;
    const options = { subscription: subscriptions.jobRetry, prefetch: PREFETCH, timeoutMs: settings.callTimeoutMs };
    this.#queue = await ports.bus.subscribeQueue(topics.retries.name, { onMessage: (incoming) => this.#take(incoming) }, options);
    // What is newer may have come before the subscription was answered.
    if (this.#givenUp) await this.#queue.close();
  }

  async stop(): Promise<void> {
    await Promise.race([Promise.all(this.#working), this.#context.calls.ended]);
    await this.#queue?.close();
  }

  #track(work: Promise<void>, doing: string): void {
    const tracked = work.catch((error: unknown) => this.#context.ports.report(error, doing)).finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  #take(incoming: IncomingMessage): void {
    if (this.#context.calls.draining || this.#givenUp) return;
    const read = readMessage(incoming.body, attemptFailedSchema);
    if (read.kind === 'invalid')
      this.#track(
        bury(this.#context, incoming, read.error).then((buried) => (buried ? this.#queue?.ack(incoming) : undefined)),
        'burying a message',
      );
    if (read.kind === 'newer') this.#giveUp(incoming);
    if (read.kind !== 'message') return;
    this.#gathered.push({ incoming, failed: read.message });
    // The failures of this turn share an invocation.
    if (this.#gathered.length === 1) queueMicrotask(() => this.#judgeGathered());
  }

  /** What is of a newer version is left to a newer connector (rule 7). */
  #giveUp(incoming: IncomingMessage): void {
    this.#givenUp = true;
    this.#context.ports.report(describeNewer(incoming), `reading ${incoming.topic}`);
    const closing = this.#queue?.close();
    if (closing) this.#track(closing, 'leaving a topic');
  }

  #judgeGathered(): void {
    const byDeployment = Map.groupBy(this.#gathered, ({ failed }) => `${failed.attempt.app} ${failed.attempt.deployment}`);
    this.#gathered = [];
    for (const failures of byDeployment.values())
      for (const batch of splitBySize(failures)) this.#track(this.#judge(batch), 'judging failed attempts');
  }

  async #judge(batch: readonly Failed[]): Promise<void> {
    const verdicts = await this.#ask(batch);
    await Promise.all(batch.map(({ incoming, failed }, index) => this.#follow(incoming, failed, verdicts?.[index])));
  }

  async #ask(batch: readonly Failed[]): Promise<readonly RetryVerdict[] | undefined> {
    const { ports, calls, settings, deployments, meter } = this.#context;
    const attempt = batch[0]?.failed.attempt;
    const manifest = attempt && deployments.find(attempt.app, attempt.deployment);
    if (!manifest) return undefined;
    const name = manifest.jobRetryFunction;
    const v = chooseFunctionVersion(manifest, settings.writeVersion);
    const request: JobRetryRequest = { v, now: ports.clock.now(), failures: batch.map(({ failed }) => failed) };
    try {
      const result = await calls.within('the job-retry function', TIMEOUT_MS + settings.callTimeoutMs, () =>
        ports.functions.invoke(name, JSON.stringify(request), { timeoutMs: TIMEOUT_MS }),
      );
      const runs = batch.map(({ failed }) => ({ run: failed.attempt.run, workflow: failed.attempt.workflow }));
      meter.record(
        { function: name, kind: 'job-retry', app: manifest.app, outcome: result.kind === 'answered' ? 'succeeded' : 'crashed', runs },
        result.report,
      );
      if (result.kind === 'answered') return jobRetryAnswerSchema.parse(JSON.parse(result.payload)).verdicts;
      ports.report(new Error(result.failure.message), 'judging failed attempts');
    } catch (error) {
      ports.report(error, 'judging failed attempts');
    }
    return undefined;
  }

  async #follow(incoming: IncomingMessage, failed: AttemptFailed, verdict: RetryVerdict | undefined): Promise<void> {
    const { calls } = this.#context;
    if (!verdict) {
      await calls.pause(AGAIN_MS);
      if (!calls.draining) this.#queue?.release(incoming);
      return;
    }
    if ((await this.#isOvertaken(failed.attempt)) || (await this.#publish(failed, verdict))) this.#queue?.ack(incoming);
  }

  /** A failure below the highest claim is an old copy's (rule 12). */
  async #isOvertaken({ run, epoch, job, generation, number }: Attempt): Promise<boolean> {
    const { ports, calls, settings } = this.#context;
    const read = await calls.untilDone('reading a claim', settings.callTimeoutMs, async () => ({
      claim: await ports.runs.readClaim({ run, epoch, job }, { timeoutMs: settings.callTimeoutMs }),
    }));
    const claim = read?.claim;
    return claim !== undefined && (claim.generation > generation || (claim.generation === generation && claim.number > number));
  }

  async #publish({ attempt, failedAt }: AttemptFailed, verdict: RetryVerdict): Promise<boolean> {
    const { ports, calls, settings } = this.#context;
    const { run, epoch, job, generation, number } = attempt;
    const published = await calls.untilDone('publishing a retry', settings.callTimeoutMs, async (again) => {
      if (verdict.kind === 'retry') {
        await publishDues(this.#context, [writeNext(attempt, failedAt + verdict.delayMs, settings.writeVersion)]);
        return true;
      }
      const type = verdict.kind === 'fail' ? 'JobFailed' : 'JobHeld';
      const draft = { type, run, epoch, job, generation, failure: verdict.failure, attempt: number } as const;
      const letter = writeInbox(draft, settings.writeVersion);
      await ports.bus.publish([again ? { ...letter, again } : letter], { timeoutMs: settings.callTimeoutMs });
      return true;
    });
    return published ?? false;
  }
}

/** Batches that a function can take, of one failure at the least. */
const splitBySize = (failures: readonly Failed[]): readonly (readonly Failed[])[] => {
  const batches: Failed[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const failed of failures) {
    characters += failed.incoming.body.length;
    if (characters > BATCH_CHARACTERS) {
      batches.push([]);
      characters = failed.incoming.body.length;
    }
    batches.at(-1)?.push(failed);
  }
  return batches;
};

const writeNext = (attempt: Attempt, dueAt: number, v: number): Due => {
  const next: Attempt = { ...attempt, number: attempt.number + 1 };
  return {
    type: 'Due',
    v,
    dueAt,
    topic: jobTopic(next.app, next.name).name,
    key: next.run,
    id: identifyAttempt(next),
    message: JSON.stringify(next),
  };
};
