// Seals what is published and opens what is read, for the tenant of the run that a message's key names.
import { ERASED_BODY } from '../../protocol/sealed.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findTenant } from '../../protocol/tenant.ts';
import { topics } from '../../protocol/topics.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type {
  Bus,
  IncomingMessage,
  OutgoingMessage,
  QueueConsumer,
  QueueSubscription,
  StreamConsumer,
  StreamSubscription,
  SubscribeOptions,
} from '../../ports/bus.ts';
import { openEnvelope, readEnvelope, writeEnvelope, type Envelope } from './envelope.ts';
import { OrderlyOpening } from './orderly-opening.ts';
import type { FoundKeys, TenantKeys } from './tenant-keys.ts';

/** What becomes of a message for a tenant whose key is erased: whoever asked is told, or nobody is left to be told. */
export type ForErased = 'refuse' | 'drop';

/** What a sealed bus is made of. */
export interface SealedBusOptions {
  readonly bus: Bus;
  readonly keys: TenantKeys;
  readonly forErased: ForErased;
  readonly report: (error: unknown, doing: string) => void;
  /** Waits before a keyring that did not answer is asked again. */
  readonly pause: (ms: number) => Promise<void>;
}

/** A message belongs where it was sent, so that none can be put in another's place. */
const placeOf = (topic: string, key: string): string => `${topic}\0${key}`;

/** The ledger names runs and figures, no value of an author: finance reads it without keys. */
const isClear = (topic: string): boolean => topic === topics.usage.name;

/** A bus on which nothing can be read without keys. */
export class SealedBus implements Bus {
  readonly #options: SealedBusOptions;

  constructor(options: SealedBusOptions) {
    this.#options = options;
  }

  declareTopics: Bus['declareTopics'] = (...given) => this.#options.bus.declareTopics(...given);

  /** @throws TENANT_ERASED where messages for erased tenants are refused */
  async publish(messages: readonly OutgoingMessage[], options: CallOptions): Promise<void> {
    const sealed = await Promise.all(messages.map((message) => this.#seal(message, options)));
    const kept = sealed.filter((message) => message !== undefined);
    if (kept.length > 0) await this.#options.bus.publish(kept, options);
  }

  async subscribeStream(topic: string, consumer: StreamConsumer, options: SubscribeOptions): Promise<StreamSubscription> {
    const partitions = new Map<number, OrderlyOpening<IncomingMessage>>();
    const openingOf = (partition: number): OrderlyOpening<IncomingMessage> => {
      const opening = partitions.get(partition) ?? this.#makeOpening(topic, options);
      partitions.set(partition, opening);
      return opening;
    };
    const subscription = await this.#options.bus.subscribeStream(
      topic,
      {
        onMessages: (partition, messages, gained) =>
          openingOf(partition).take(messages, (opened) => consumer.onMessages(partition, opened, gained)),
      },
      options,
    );
    return {
      ackUpTo: (partition, position) => subscription.ackUpTo(partition, position),
      close: () => {
        for (const opening of partitions.values()) opening.close();
        return subscription.close();
      },
    };
  }

  async subscribeQueue(topic: string, consumer: QueueConsumer, options: SubscribeOptions): Promise<QueueSubscription> {
    // The adapter knows messages as it gave them.
    const originals = new WeakMap<IncomingMessage, IncomingMessage>();
    const openings = new Set<OrderlyOpening<IncomingMessage>>();
    const onMessage = (message: IncomingMessage): void => {
      const opening = this.#makeOpening(topic, options);
      openings.add(opening);
      opening.take([message], ([opened = message]) => {
        openings.delete(opening);
        originals.set(opened, message);
        consumer.onMessage(opened);
      });
    };
    const subscription = await this.#options.bus.subscribeQueue(topic, { onMessage }, options);
    return {
      ack: (message) => subscription.ack(originals.get(message) ?? message),
      release: (message) => subscription.release(originals.get(message) ?? message),
      close: () => {
        for (const opening of openings) opening.close();
        return subscription.close();
      },
    };
  }

  async readStream(
    topic: string,
    partition: number,
    from: number,
    limit: number,
    options: CallOptions,
  ): Promise<readonly IncomingMessage[]> {
    const messages = await this.#options.bus.readStream(topic, partition, from, limit, options);
    return Promise.all(messages.map(async (message) => this.#openNow(message) ?? (await this.#openLater(message, options))));
  }

  #makeOpening(topic: string, { timeoutMs }: SubscribeOptions): OrderlyOpening<IncomingMessage> {
    return new OrderlyOpening({
      openNow: (message) => this.#openNow(message),
      openLater: (message) => this.#openLater(message, { timeoutMs }),
      onFailure: (error) => this.#options.report(error, `opening messages of ${topic}`),
      pause: this.#options.pause,
    });
  }

  async #seal(message: OutgoingMessage, options: CallOptions): Promise<OutgoingMessage | undefined> {
    const { topic, key, body } = message;
    if (isClear(topic)) return message;
    const tenant = findTenant(key);
    const found = await this.#options.keys.find(tenant, options);
    if (found !== 'erased') return { ...message, body: writeEnvelope(body, tenant, found.records, placeOf(topic, key)) };
    if (this.#options.forErased === 'drop') return undefined;
    throw new StarquakeError('TENANT_ERASED', `The key of the tenant "${tenant}" was erased: nothing is kept for it any more.`);
  }

  /** The message as it was published, if that can be told without asking. */
  #openNow(message: IncomingMessage): IncomingMessage | undefined {
    const envelope = this.#readEnvelope(message);
    if (envelope === undefined) return message;
    const found = this.#options.keys.peek(envelope.tenant);
    return found === undefined ? undefined : this.#open(message, envelope, found);
  }

  async #openLater(message: IncomingMessage, options: CallOptions): Promise<IncomingMessage> {
    const envelope = this.#readEnvelope(message);
    return envelope === undefined ? message : this.#open(message, envelope, await this.#options.keys.find(envelope.tenant, options));
  }

  #open(message: IncomingMessage, envelope: Envelope, found: FoundKeys): IncomingMessage {
    if (found === 'erased') return { ...message, body: ERASED_BODY };
    try {
      return { ...message, body: openEnvelope(envelope, found.records, placeOf(message.topic, message.key)) };
    } catch (error) {
      // It stays sealed: whoever reads it leaves it to somebody who has the right keys.
      this.#options.report(error, `reading ${message.topic}`);
      return message;
    }
  }

  #readEnvelope({ topic, body }: IncomingMessage): Envelope | undefined {
    try {
      return readEnvelope(body);
    } catch (error) {
      // Something else that only begins alike: the reader says so.
      this.#options.report(error, `reading ${topic}`);
      return undefined;
    }
  }
}
