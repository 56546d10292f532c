// Reads the queues of jobs: every attempt is invoked, and its answer goes to `inbox`, `retries` or, when it comes later, nowhere yet.
import { attemptSchema, type Attempt } from '../../protocol/messages.ts';
import type { Manifest, ManifestJob } from '../../protocol/manifest.ts';
import { jobTopic, subscriptions } from '../../protocol/topics.ts';
import type { IncomingMessage, QueueSubscription } from '../../ports/bus.ts';
import type { ConnectorContext, Loop } from '../context/context.ts';
import { bury, describeNewer, readMessage } from '../context/read-message.ts';
import { answerAttempt } from './answer-attempt.ts';
import { claimAttempt, type ClaimedAttempt } from './claim-attempt.ts';
import { invokeAttempt } from './invoke-attempt.ts';

/** An attempt whose deployment is not known here is looked at again after this long. */
const UNKNOWN_DEPLOYMENT_MS = 1000;

/** The loop from `jobs.*` to functions and back. */
export class JobManager implements Loop {
  readonly #context: ConnectorContext;
  readonly #queues = new Map<string, Promise<QueueSubscription>>();
  readonly #working = new Set<Promise<void>>();
  #givenUp = false;

  constructor(context: ConnectorContext) {
    this.#context = context;
  }

  /** Begins to read the queues of a deployment's jobs, unless it has left them. A bound of concurrency holds in this process. */
  async serve(manifest: Manifest): Promise<void> {
    if (this.#givenUp) return;
    await Promise.all(manifest.jobs.map((job) => this.#open(jobTopic(manifest.app, job.name).name, job.maxConcurrency)));
  }

  async stop(): Promise<void> {
    const queues = await Promise.all(this.#queues.values());
    await Promise.race([Promise.all(this.#working), this.#context.calls.ended]);
    await Promise.all(queues.map((queue) => queue.close()));
  }

  async #open(topic: string, maxConcurrency: number | undefined): Promise<void> {
    const known = this.#queues.get(topic);
    if (known) return void (await known);
    const { ports, settings, calls } = this.#context;
    const consumer = { onMessage: (incoming: IncomingMessage): void => this.#take(topic, incoming) };
    const options = {
      subscription: subscriptions.jobManager,
      prefetch: maxConcurrency ?? settings.jobPrefetch,
      timeoutMs: settings.callTimeoutMs,
    };
    const opening = calls.within(`subscribing to ${topic}`, settings.callTimeoutMs, () =>
      ports.bus.subscribeQueue(topic, consumer, options),
    );
    this.#queues.set(topic, opening);
    try {
      const queue = await opening;
      // What is newer may have come before the subscription was answered.
      if (this.#givenUp) await queue.close();
    } catch (error) {
      this.#queues.delete(topic);
      throw error;
    }
  }

  #take(topic: string, incoming: IncomingMessage): void {
    if (this.#context.calls.draining || this.#givenUp) return;
    const work = this.#handle(incoming)
      .catch((error: unknown) => {
        this.#context.ports.report(error, `running an attempt of ${topic}`);
        return 'release' as const;
      })
      .then(async (verdict) => {
        const queue = await this.#queues.get(topic);
        if (verdict === 'ack') queue?.ack(incoming);
        else if (verdict === 'release') await this.#releaseLater(queue, incoming);
      })
      .catch((error: unknown) => this.#context.ports.report(error, `ending an attempt of ${topic}`))
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #releaseLater(queue: QueueSubscription | undefined, incoming: IncomingMessage): Promise<void> {
    await this.#context.calls.pause(UNKNOWN_DEPLOYMENT_MS);
    if (!this.#context.calls.draining) queue?.release(incoming);
  }

  async #handle(incoming: IncomingMessage): Promise<'ack' | 'release' | 'keep'> {
    const read = readMessage(incoming.body, attemptSchema);
    if (read.kind === 'newer') return this.#giveUp(incoming);
    if (read.kind === 'invalid') return (await bury(this.#context, incoming, read.error)) ? 'ack' : 'keep';
    const attempt = read.message;
    const { deployments } = this.#context;
    const job = deployments.findJob(attempt.app, attempt.deployment, attempt.name);
    if (!job && deployments.find(attempt.app, attempt.deployment)) return (await this.#refuse(attempt)) ? 'ack' : 'keep';
    if (!job) return 'release';
    const { gate, calls } = this.#context;
    for (let pauseMs = gate.readPauseMs(job.function); pauseMs > 0 && !calls.draining; pauseMs = gate.readPauseMs(job.function))
      await calls.pause(pauseMs);
    await gate.enter();
    try {
      return await this.#run(incoming, attempt, job);
    } finally {
      gate.leave();
    }
  }

  /** Claims an attempt if it may be a copy, runs it, and has its end published. */
  async #run(incoming: IncomingMessage, attempt: Attempt, job: ManifestJob): Promise<'ack' | 'release' | 'keep'> {
    if (this.#context.calls.draining) return 'keep';
    const mayHaveRun = incoming.again || incoming.redelivered;
    const claimed = this.#mayBeCopy(attempt, mayHaveRun)
      ? await claimAttempt(this.#context, attempt, incoming.body, mayHaveRun)
      : unchecked;
    if (claimed.kind === 'dropped') return 'ack';
    if (claimed.kind === 'unanswered') return 'keep';
    const answer = await invokeAttempt(this.#context, attempt, incoming.body, job);
    if (answer === 'unavailable') {
      if (claimed.kind === 'claimed') await this.#giveClaimBack(attempt, claimed);
      return 'release';
    }
    const answered = await answerAttempt(this.#context, attempt, answer);
    if (!answered) return 'keep';
    if (claimed.kind === 'claimed') await this.#finishClaim(attempt, claimed);
    return 'ack';
  }

  /** An attempt of a newer version is left to a newer connector (rule 7). */
  async #giveUp(incoming: IncomingMessage): Promise<'keep'> {
    if (this.#givenUp) return 'keep';
    this.#givenUp = true;
    this.#context.ports.report(describeNewer(incoming), `reading ${incoming.topic}`);
    await this.#leaveQueues();
    return 'keep';
  }

  /** One that is being opened is left once it is open; one that cannot be opened keeps none of the others. */
  async #leaveQueues(): Promise<void> {
    for (const opening of await Promise.allSettled(this.#queues.values())) if (opening.status === 'fulfilled') await opening.value.close();
  }

  /** The deployment is known and has no such job: trying again is of no use. */
  #refuse(attempt: Attempt): Promise<boolean> {
    const message = `The deployment "${attempt.deployment}" of the app "${attempt.app}" has no job "${attempt.name}".`;
    return answerAttempt(this.#context, attempt, {
      kind: 'failed',
      failure: { code: 'JOB_UNKNOWN', name: 'StarquakeError', message },
      retryable: false,
    });
  }

  /** A fresh first attempt runs unchecked; any other may be a copy and is claimed (rule 12). */
  #mayBeCopy(attempt: Attempt, mayHaveRun: boolean): boolean {
    const { ports, settings } = this.#context;
    return attempt.number > 1 || mayHaveRun || ports.clock.now() - attempt.commitAt >= settings.freshMs;
  }

  /** The attempt did not begin: its lease ends now, so that it does not wait for itself. */
  async #giveClaimBack(attempt: Attempt, { claimant }: Extract<ClaimedAttempt, { kind: 'claimed' }>): Promise<void> {
    const { ports, calls, settings } = this.#context;
    const { run, epoch, job, generation, number } = attempt;
    await calls.untilDone('giving a claim back', settings.callTimeoutMs, () => {
      const now = ports.clock.now();
      return ports.runs.claim(
        { run, epoch, job, generation, number, claimant, now, leaseUntil: now },
        { timeoutMs: settings.callTimeoutMs },
      );
    });
  }

  async #finishClaim(attempt: Attempt, { claimant }: Extract<ClaimedAttempt, { kind: 'claimed' }>): Promise<void> {
    const { ports, calls, settings } = this.#context;
    const { run, epoch, job, generation, number } = attempt;
    await calls.untilDone('finishing a claim', settings.callTimeoutMs, () =>
      ports.runs.finishClaim({ run, epoch, job, generation, number, claimant }, { timeoutMs: settings.callTimeoutMs }),
    );
  }
}

const unchecked: ClaimedAttempt = { kind: 'unchecked' };
