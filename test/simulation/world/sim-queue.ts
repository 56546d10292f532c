// A queue as Pulsar's Shared subscriptions have it: each message to one consumer, in no order, again when its ack is lost or its consumer goes.
import type { IncomingMessage, OutgoingMessage, QueueConsumer } from '../../../src/ports/bus.ts';
import type { Process } from './process.ts';
import type { TopicTools } from './sim-stream.ts';

/** A consumer of the one subscription that a simulated queue has. */
export interface QueueMember {
  readonly process: Process;
  readonly consumer: QueueConsumer;
  readonly prefetch: number;
  held: number;
}

interface Item {
  readonly position: number;
  readonly message: OutgoingMessage;
  holder: QueueMember | undefined;
  deliveries: number;
}

/** Delayed messages may come early by this much (the broker's tick). */
const EARLY_MS = 1000;

/** A queue with one subscription. */
export class SimQueue {
  readonly name: string;
  readonly #tools: TopicTools;
  readonly #items = new Map<number, Item>();
  #ready: Item[] = [];
  #members: readonly QueueMember[] = [];
  #position = 0;

  constructor(name: string, tools: TopicTools) {
    this.name = name;
    this.#tools = tools;
  }

  append(message: OutgoingMessage): void {
    const item: Item = { position: this.#position++, message, holder: undefined, deliveries: 0 };
    this.#items.set(item.position, item);
    const { scheduler, random } = this.#tools;
    if (message.deliverAt === undefined) this.#offer(item);
    else scheduler.at(message.deliverAt - (random.chance(0.3) ? random.int(0, EARLY_MS) : 0), () => this.#offer(item));
  }

  join(member: QueueMember): void {
    this.#members = [...this.#members, member];
    this.#share();
  }

  leave(process: Process): void {
    this.#members = this.#members.filter((member) => member.process !== process);
    for (const item of this.#items.values()) if (item.holder?.process === process) this.#giveBack(item);
    this.#share();
  }

  ack(process: Process, position: number): void {
    const item = this.#items.get(position);
    if (item?.holder?.process !== process) return;
    item.holder.held -= 1;
    this.#items.delete(position);
    this.#share();
  }

  release(process: Process, position: number): void {
    const item = this.#items.get(position);
    if (item?.holder?.process === process) this.#giveBack(item);
    this.#share();
  }

  /** The message at a position, while it is not acked. */
  find(position: number): OutgoingMessage | undefined {
    return this.#items.get(position)?.message;
  }

  get waiting(): number {
    return this.#items.size;
  }

  #giveBack(item: Item): void {
    if (item.holder) item.holder.held -= 1;
    item.holder = undefined;
    this.#ready.push(item);
  }

  #offer(item: Item): void {
    this.#ready.push(item);
    this.#share();
  }

  #share(): void {
    const { random } = this.#tools;
    while (this.#ready.length > 0) {
      const free = this.#members.filter((member) => member.held < member.prefetch);
      if (free.length === 0) return;
      const [item] = this.#ready.splice(random.int(0, this.#ready.length - 1), 1);
      if (item && this.#items.has(item.position)) this.#deliver(item, random.pick(free));
    }
  }

  #deliver(item: Item, member: QueueMember): void {
    const { scheduler, drawDelay } = this.#tools;
    const { key, id, body, again = false } = item.message;
    const incoming: IncomingMessage = {
      topic: this.name,
      partition: 0,
      position: item.position,
      key,
      id,
      body,
      again,
      redelivered: item.deliveries > 0,
    };
    item.holder = member;
    item.deliveries += 1;
    member.held += 1;
    scheduler.after(drawDelay(), () => member.process.reach(() => member.consumer.onMessage(incoming)));
  }
}
