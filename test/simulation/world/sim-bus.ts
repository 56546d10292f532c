// The message bus of the simulated world: streams and queues by topic, with one subscription each.
import type { OutgoingMessage, QueueConsumer, StreamConsumer } from '../../../src/ports/bus.ts';
import type { TopicKind } from '../../../src/protocol/topics.ts';
import type { Process } from './process.ts';
import { SimQueue } from './sim-queue.ts';
import { SimStream, type TopicTools } from './sim-stream.ts';

/** What is read by nobody in a simulation: only that it was published counts. */
const unread = new Set(['history', 'usage', 'dead-letters']);

/** The bus. */
export class SimBus {
  readonly #tools: TopicTools;
  readonly #onPublished: (message: OutgoingMessage) => void;
  readonly #topics = new Map<string, SimStream | SimQueue>();
  /** How each process subscribed, for when its connection comes back. */
  readonly #joins = new Map<Process, Map<string, () => void>>();

  /** @param onPublished - is told of every message that has become durable, each time */
  constructor(tools: TopicTools, onPublished: (message: OutgoingMessage) => void) {
    this.#tools = tools;
    this.#onPublished = onPublished;
  }

  declare(definitions: readonly { readonly name: string; readonly kind: TopicKind; readonly partitions: number }[]): void {
    for (const { name, kind, partitions } of definitions) {
      if (this.#topics.has(name)) continue;
      this.#topics.set(name, kind === 'stream' ? new SimStream(name, partitions, this.#tools) : new SimQueue(name, this.#tools));
    }
  }

  publish(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) {
      const topic = this.#topics.get(message.topic);
      if (!topic) throw new Error(`The topic ${message.topic} is not declared.`);
      this.#onPublished(message);
      if (!unread.has(message.topic)) topic.append(message);
    }
  }

  /** Where a message goes: messages of one place keep their order. */
  placeOf({ topic, key }: OutgoingMessage): string {
    const found = this.#topics.get(topic);
    return found instanceof SimStream ? `${topic}/${found.findPartition(key)}` : topic;
  }

  /** Ends one subscription of a process. */
  unsubscribe(name: string, process: Process): void {
    this.#topics.get(name)?.leave(process);
    this.#joins.get(process)?.delete(name);
  }

  subscribeStream(name: string, process: Process, consumer: StreamConsumer, prefetch: number): SimStream {
    const topic = this.#topics.get(name);
    if (!(topic instanceof SimStream)) throw new Error(`${name} is no stream.`);
    this.#join(name, process, () => topic.join({ process, consumer, prefetch, lastAt: new Map(), done: new Map() }));
    return topic;
  }

  subscribeQueue(name: string, process: Process, consumer: QueueConsumer, prefetch: number): SimQueue {
    const topic = this.#topics.get(name);
    if (!(topic instanceof SimQueue)) throw new Error(`${name} is no queue.`);
    this.#join(name, process, () => topic.join({ process, consumer, prefetch, held: 0 }));
    return topic;
  }

  /** The broker has lost a process: its messages go to others. */
  disconnect(process: Process): void {
    for (const topic of this.#topics.values()) topic.leave(process);
  }

  /** The process is back, and its client subscribes again. */
  reconnect(process: Process): void {
    this.disconnect(process);
    for (const join of this.#joins.get(process)?.values() ?? []) join();
  }

  findStream(name: string): SimStream | undefined {
    const topic = this.#topics.get(name);
    return topic instanceof SimStream ? topic : undefined;
  }

  /** Messages that are not acked, by topic. */
  countWaiting(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#topics].map(([name, { waiting }]) => [name, waiting]));
  }

  /** A connection ends with its process. */
  #join(name: string, process: Process, join: () => void): void {
    if (process.isDead) return;
    const joins = this.#joins.get(process) ?? new Map<string, () => void>();
    this.#joins.set(process, joins.set(name, join));
    join();
  }
}
