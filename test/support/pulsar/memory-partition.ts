// One partition of a Pulsar in memory: what is published, and for each subscription who is given what, as a broker does it.
import type { Clock } from '../../../src/ports/clock.ts';
import { parseMessageId, writeMessageId } from '../../../src/adapters/pulsar-admin/message-position.ts';
import type {
  NativeConsumer,
  NativeMessage,
  NativeMessageId,
  NativeOutgoing,
  NativeReader,
} from '../../../src/adapters/pulsar/native-client.ts';

/** All messages of a stand-in lie in one ledger. */
export const LEDGER = 1;

const entryOf = (id: NativeMessageId): number => parseMessageId(id.serialize()).entry;

const makeMessage = ({ data, properties, partitionKey }: NativeOutgoing, entry: number, redeliveries: number): NativeMessage => ({
  getMessageId: () => ({ serialize: () => writeMessageId(LEDGER, entry) }),
  getData: () => data,
  getProperties: () => properties,
  getPartitionKey: () => partitionKey,
  getRedeliveryCount: () => redeliveries,
});

/** How a consumer asks to be given messages. */
export interface ConsumerWish {
  readonly subscription: string;
  readonly shared: boolean;
  readonly name: string;
  readonly queueSize: number;
  readonly batchSize: number;
}

class MemoryConsumer implements NativeConsumer {
  readonly wish: ConsumerWish;
  readonly #subscription: MemorySubscription;
  queue: NativeMessage[] = [];
  #waiting: { readonly resolve: (message: NativeMessage) => void; readonly reject: (error: Error) => void }[] = [];

  constructor(subscription: MemorySubscription, wish: ConsumerWish) {
    this.#subscription = subscription;
    this.wish = wish;
  }

  get hasRoom(): boolean {
    return this.#waiting.length > 0 || this.queue.length < this.wish.queueSize;
  }

  give(message: NativeMessage): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.queue.push(message);
    else waiting.resolve(message);
  }

  receive(): Promise<NativeMessage> {
    return new Promise((resolve, reject) => {
      const first = this.queue.shift();
      if (first === undefined) this.#waiting.push({ resolve, reject });
      else resolve(first);
      this.#subscription.dispatch();
    });
  }

  async batchReceive(): Promise<readonly NativeMessage[]> {
    await new Promise((resolve) => setImmediate(resolve));
    const batch = this.queue.splice(0, this.wish.batchSize);
    this.#subscription.dispatch();
    return batch;
  }

  /** Nothing in memory loses a connection. */
  isConnected(): boolean {
    return true;
  }

  acknowledgeId(id: NativeMessageId): Promise<void> {
    this.#subscription.ack([entryOf(id)]);
    return Promise.resolve();
  }

  acknowledgeCumulativeId(id: NativeMessageId): Promise<void> {
    this.#subscription.ack(Array.from({ length: entryOf(id) + 1 }, (_, entry) => entry));
    return Promise.resolve();
  }

  negativeAcknowledgeId(id: NativeMessageId): void {
    this.#subscription.giveBack(entryOf(id));
  }

  close(): Promise<void> {
    this.#subscription.leave(this);
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('Failed to receive message: AlreadyClosed'));
    return Promise.resolve();
  }
}

class MemorySubscription {
  readonly #partition: MemoryPartition;
  readonly #acked = new Set<number>();
  readonly #given = new Map<number, MemoryConsumer>();
  readonly #redeliveries = new Map<number, number>();
  #consumers: MemoryConsumer[] = [];
  #active: MemoryConsumer | undefined;
  #turn = 0;

  constructor(partition: MemoryPartition) {
    this.#partition = partition;
  }

  join(wish: ConsumerWish): MemoryConsumer {
    const consumer = new MemoryConsumer(this, wish);
    this.#consumers = [...this.#consumers, consumer].toSorted((a, b) => (a.wish.name < b.wish.name ? -1 : 1));
    this.#chooseActive();
    return consumer;
  }

  leave(consumer: MemoryConsumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
    for (const [entry, holder] of this.#given) if (holder === consumer) this.#given.delete(entry);
    this.#chooseActive();
    this.dispatch();
  }

  ack(entries: readonly number[]): void {
    for (const entry of entries) {
      this.#acked.add(entry);
      this.#given.delete(entry);
    }
    this.dispatch();
  }

  giveBack(entry: number): void {
    this.#given.delete(entry);
    this.#redeliveries.set(entry, (this.#redeliveries.get(entry) ?? 0) + 1);
    this.dispatch();
  }

  /** Takes all back that is not acked, as when the connection to the broker broke. */
  rewind(): void {
    for (const consumer of this.#consumers) consumer.queue = [];
    this.#given.clear();
    this.dispatch();
  }

  dispatch(): void {
    for (const [entry, message] of this.#partition.listDue()) {
      if (this.#acked.has(entry) || this.#given.has(entry)) continue;
      const consumer = this.#choose();
      if (consumer === undefined) return;
      this.#given.set(entry, consumer);
      consumer.give(makeMessage(message, entry, this.#redeliveries.get(entry) ?? 0));
    }
  }

  #choose(): MemoryConsumer | undefined {
    if (this.#active !== undefined) return this.#active.hasRoom ? this.#active : undefined;
    const roomy = this.#consumers.filter(({ hasRoom }) => hasRoom);
    return roomy[this.#turn++ % roomy.length];
  }

  /** A new owner begins at the ack position. */
  #chooseActive(): void {
    const { number } = this.#partition;
    const active = this.#consumers.some(({ wish }) => wish.shared) ? undefined : this.#consumers[number % this.#consumers.length];
    if (active === this.#active) return;
    this.#active = active;
    this.rewind();
  }
}

/** One partition of a topic. */
export class MemoryPartition {
  readonly number: number;
  readonly #clock: Clock;
  readonly #messages: NativeOutgoing[] = [];
  readonly #subscriptions = new Map<string, MemorySubscription>();

  constructor(number: number, clock: Clock) {
    this.number = number;
    this.#clock = clock;
  }

  get length(): number {
    return this.#messages.length;
  }

  add(message: NativeOutgoing): void {
    this.#messages.push(message);
    const { deliverAt } = message;
    if (deliverAt === undefined) this.#dispatch();
    else this.#clock.setTimer(deliverAt, () => this.#dispatch());
  }

  subscribe(wish: ConsumerWish): NativeConsumer {
    const subscription = this.#subscriptions.get(wish.subscription) ?? new MemorySubscription(this);
    this.#subscriptions.set(wish.subscription, subscription);
    const consumer = subscription.join(wish);
    subscription.dispatch();
    return consumer;
  }

  /** Reads from behind an entry on. */
  read(after: number): NativeReader {
    let entry = after + 1;
    return {
      readNext: () => {
        const message = this.#messages[entry];
        if (message === undefined) return Promise.reject(new Error('Failed to receive message: TimeOut'));
        return Promise.resolve(makeMessage(message, entry++, 0));
      },
      close: () => Promise.resolve(),
    };
  }

  /** Breaks the connections of all consumers. */
  rewind(): void {
    for (const subscription of this.#subscriptions.values()) subscription.rewind();
  }

  *listDue(): Iterable<readonly [number, NativeOutgoing]> {
    const now = this.#clock.now();
    const dues = [...this.#messages.entries()].filter(([, { deliverAt }]) => deliverAt === undefined || deliverAt <= now);
    yield* dues.toSorted(([, a], [, b]) => (a.deliverAt ?? 0) - (b.deliverAt ?? 0));
  }

  #dispatch(): void {
    for (const subscription of this.#subscriptions.values()) subscription.dispatch();
  }
}
