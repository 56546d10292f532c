// Owns partitions of `inbox`: sorts messages into a mailbox per run, has each run moved on, acks what is done (rules 1 to 7).
import type { StarquakeError } from '../../protocol/starquake-error.ts';
import { identifyMessage } from '../../protocol/message-ids.ts';
import { inboxMessageSchema } from '../../protocol/messages.ts';
import { subscriptions, topics } from '../../protocol/topics.ts';
import type { IncomingMessage, StreamSubscription } from '../../ports/bus.ts';
import type { ConnectorContext, Loop } from '../context/context.ts';
import { bury, describeNewer, readMessage } from '../context/read-message.ts';
import { Decisions } from './decisions.ts';
import { MailboxLoop, type Mailbox, type MailboxTools } from './mailbox-loop.ts';
import { Partition, type Mail, type WaitingPartition } from './partition.ts';
import { RunCache } from './run-cache.ts';

/** The loop from `inbox` to decisions and back. */
export class Orchestrator implements Loop {
  readonly #context: ConnectorContext;
  readonly #cache: RunCache;
  readonly #tools: MailboxTools;
  readonly #partitions = new Map<number, Partition>();
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #working = new Set<Promise<void>>();
  #subscription: StreamSubscription | undefined;
  #moment = 0;
  #acking = false;
  #givenUp = false;

  constructor(context: ConnectorContext) {
    this.#context = context;
    this.#cache = new RunCache(context.settings.cachedRuns, context.settings.copyAgeMs);
    this.#tools = {
      context,
      cache: this.#cache,
      decisions: new Decisions(context, (run) => this.#noteTrouble(run)),
      readMoment: () => this.#moment++,
      finish: (mail) => this.#finish(mail),
      noteTrouble: (run) => this.#noteTrouble(run),
      giveUp: (error) => this.#giveUp(error),
    };
  }

  /** Begins to read. */
  async start(): Promise<void> {
    const { ports, settings } = this.#context;
    this.#subscription = await ports.bus.subscribeStream(
      topics.inbox.name,
      { onMessages: (partition, messages, gained) => this.#take(partition, messages, gained) },
      { subscription: subscriptions.orchestrator, prefetch: settings.inboxPrefetch, timeoutMs: settings.callTimeoutMs },
    );
    // What came and was done before the subscription was answered could not be acked yet, nor the subscription be given up.
    this.#ack();
    if (this.#givenUp) await this.#subscription.close();
  }

  async stop(): Promise<void> {
    this.#givenUp = true;
    await Promise.race([Promise.all(this.#working), this.#context.calls.ended]);
    this.#ack();
    await this.#subscription?.close();
  }

  /** Partitions that hold open messages (rule 21). */
  *listWaitingPartitions(): Iterable<WaitingPartition> {
    for (const [partition, { openCount, lastStepAt, lastTroubleAt, buryingCount, lost }] of this.#partitions)
      if (openCount > 0 && !lost) yield { partition, lastStepAt, lastTroubleAt, isBurying: buryingCount > 0 };
  }

  /** What is in hand now. */
  readLoad(): { readonly openMessages: number; readonly ownedPartitions: number; readonly cachedRuns: number } {
    const owned = [...this.#partitions.values()].filter(({ lost }) => !lost);
    const openMessages = owned.reduce((sum, { openCount }) => sum + openCount, 0);
    return { openMessages, ownedPartitions: owned.length, cachedRuns: this.#cache.size };
  }

  #take(number: number, messages: readonly IncomingMessage[], gained: boolean): void {
    if (this.#givenUp) return;
    const partition = this.#findPartition(number, gained);
    for (const incoming of messages) {
      partition.add(incoming.position, this.#context.ports.clock.now());
      this.#sort(incoming, partition);
      if (this.#givenUp) return;
    }
  }

  /** Gaining a partition drops its old mail: it comes again from the ack position. */
  #findPartition(number: number, gained: boolean): Partition {
    const known = this.#partitions.get(number);
    if (known && !gained) return known;
    if (known) known.lost = true;
    const partition = new Partition(number, this.#context.ports.clock.now());
    this.#partitions.set(number, partition);
    return partition;
  }

  #sort(incoming: IncomingMessage, partition: Partition): void {
    const read = readMessage(incoming.body, inboxMessageSchema);
    if (read.kind === 'newer') return this.#giveUp(describeNewer(incoming));
    const mail = { partition, position: incoming.position, bytes: Buffer.byteLength(incoming.body), arrival: this.#moment++ };
    if (read.kind === 'invalid') {
      partition.buryingCount += 1;
      const burying = bury(this.#context, incoming, read.error).then((buried) => buried && this.#finish(mail));
      this.#track(burying.finally(() => (partition.buryingCount -= 1)));
      return;
    }
    this.#deliver({ ...mail, message: read.message, id: identifyMessage(read.message) });
  }

  #deliver(mail: Mail): void {
    const { run } = mail.message;
    const mailbox = this.#mailboxes.get(run) ?? { run, mails: [], busy: false };
    this.#mailboxes.set(run, mailbox);
    mailbox.mails.push(mail);
    if (mailbox.busy) return;
    mailbox.busy = true;
    this.#track(this.#work(mailbox));
  }

  async #work(mailbox: Mailbox): Promise<void> {
    // The rest of this batch joins the mailbox before it is opened.
    await Promise.resolve();
    const loop = new MailboxLoop(this.#tools, mailbox);
    while (mailbox.mails.length > 0 && !this.#context.calls.draining) await loop.run();
    mailbox.busy = false;
    this.#mailboxes.delete(mailbox.run);
  }

  #track(work: Promise<unknown>): void {
    const tracked = work
      .then(
        () => undefined,
        (error: unknown) => this.#context.ports.report(error, 'working on inbox'),
      )
      .finally(() => this.#working.delete(tracked));
    this.#working.add(tracked);
  }

  /** What the run waits for has failed: its partitions are not to blame if they make no step (rule 21). */
  #noteTrouble(run: string): void {
    for (const { partition } of this.#mailboxes.get(run)?.mails ?? []) partition.lastTroubleAt = this.#context.ports.clock.now();
  }

  #finish({ partition, position }: Pick<Mail, 'partition' | 'position'>): void {
    partition.finish(position, this.#context.ports.clock.now());
    if (this.#acking) return;
    this.#acking = true;
    const { ports, settings } = this.#context;
    ports.clock.setTimer(ports.clock.now() + settings.ackIntervalMs, () => this.#ack());
  }

  #ack(): void {
    this.#acking = false;
    const subscription = this.#subscription;
    if (!subscription) return;
    for (const [number, partition] of this.#partitions) {
      const position = partition.takeAckable();
      if (position !== undefined) subscription.ackUpTo(number, position);
    }
  }

  /** What is of a newer version is left to a newer connector (rule 7). */
  #giveUp(error: StarquakeError): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    for (const partition of this.#partitions.values()) partition.lost = true;
    this.#context.ports.report(error, 'reading inbox');
    if (this.#subscription) this.#track(this.#subscription.close());
  }
}
