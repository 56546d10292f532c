// A stream as Pulsar's Failover subscriptions have it: one owner per partition, who learns nothing of losing it, and goes on with what he had.
import type { IncomingMessage, OutgoingMessage, StreamConsumer } from '../../../src/ports/bus.ts';
import { findPartition } from '../../../src/protocol/partition.ts';
import type { Random } from '../clockwork/random.ts';
import type { Scheduler } from '../clockwork/scheduler.ts';
import type { Process } from './process.ts';

/** A consumer of the one subscription that a simulated stream has. */
export interface StreamMember {
  readonly process: Process;
  readonly consumer: StreamConsumer;
  readonly prefetch: number;
  /** Time of the last delivery by partition: deliveries keep their order. */
  readonly lastAt: Map<number, number>;
  /** Position that it has acked by partition, whether that arrived or not: it makes room for more. */
  readonly done: Map<number, number>;
}

interface Entry {
  readonly message: OutgoingMessage;
  deliveries: number;
}

interface Partition {
  readonly number: number;
  readonly log: Entry[];
  acked: number;
  owner: StreamMember | undefined;
  /** Position that is dispatched next. */
  cursor: number;
  gained: boolean;
}

/** What a stream needs of its world. */
export interface TopicTools {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** How long a delivery takes, in milliseconds. */
  readonly drawDelay: () => number;
  readonly note: (line: string) => void;
}

/** A stream with one subscription. */
export class SimStream {
  readonly name: string;
  readonly #tools: TopicTools;
  readonly #partitions: readonly Partition[];
  #members: readonly StreamMember[] = [];

  constructor(name: string, partitions: number, tools: TopicTools) {
    this.name = name;
    this.#tools = tools;
    this.#partitions = Array.from({ length: partitions }, (_, number) => ({
      number,
      log: [],
      acked: -1,
      owner: undefined,
      cursor: 0,
      gained: false,
    }));
  }

  findPartition(key: string): number {
    return findPartition(key, this.#partitions.length);
  }

  append(message: OutgoingMessage): void {
    const partition = this.#partitions[this.findPartition(message.key)];
    if (!partition) return;
    partition.log.push({ message, deliveries: 0 });
    this.#dispatch(partition);
  }

  join(member: StreamMember): void {
    this.#members = [...this.#members, member];
    this.#share();
  }

  leave(process: Process): void {
    this.#members = this.#members.filter((member) => member.process !== process);
    for (const partition of this.#partitions) if (partition.owner?.process === process) partition.owner = undefined;
    this.#share();
  }

  /** Gives a partition to another owner; the old one is not told. */
  move(number: number): void {
    const partition = this.#partitions[number % this.#partitions.length];
    if (partition && this.#members.length > 0) this.#give(partition, this.#tools.random.pick(this.#members));
  }

  /** A broker that restarts has forgotten its last acks, and begins again from what it knows. */
  rewind(number: number, by: number): void {
    const partition = this.#partitions[number % this.#partitions.length];
    if (!partition?.owner) return;
    partition.acked = Math.max(-1, partition.acked - by);
    this.#give(partition, partition.owner);
  }

  /** A process has acked; what became of the ack is not known yet. */
  noteDone(process: Process, number: number, position: number): void {
    const partition = this.#partitions[number];
    if (!partition || partition.owner?.process !== process) return;
    partition.owner.done.set(number, position);
    this.#dispatch(partition);
  }

  ackUpTo(number: number, position: number): void {
    const partition = this.#partitions[number];
    if (!partition || position <= partition.acked) return;
    partition.acked = position;
    this.#dispatch(partition);
  }

  /** Messages of a partition that lie at these positions. */
  *read(number: number, from: number, to: number): Iterable<OutgoingMessage> {
    for (let position = from; position <= to; position++) {
      const entry = this.#partitions[number]?.log[position];
      if (entry) yield entry.message;
    }
  }

  /** Whether a copy of a message lies after a position; what came by `timers` is named after its run too. */
  hasAfter(number: number, position: number, key: string, id: string): boolean {
    const later = this.#partitions[number]?.log.slice(position + 1) ?? [];
    return later.some(({ message }) => message.key === key && (message.id === id || message.id === `${key}/${id}`));
  }

  /** Messages that are not acked. */
  get waiting(): number {
    return this.#partitions.reduce((sum, { log, acked }) => sum + log.length - acked - 1, 0);
  }

  #share(): void {
    const { random } = this.#tools;
    if (this.#members.length === 0) return;
    const owned = (member: StreamMember): number => this.#partitions.filter(({ owner }) => owner === member).length;
    for (const partition of this.#partitions) {
      if (partition.owner === undefined) this.#give(partition, random.pick(this.#members));
    }
    for (const member of this.#members) {
      if (owned(member) === 0 && this.#partitions.length > 0) this.#give(random.pick(this.#partitions), member);
    }
  }

  #give(partition: Partition, owner: StreamMember): void {
    partition.owner = owner;
    owner.done.delete(partition.number);
    partition.cursor = partition.acked + 1;
    partition.gained = true;
    this.#dispatch(partition);
  }

  #dispatch(partition: Partition): void {
    const { scheduler, random, drawDelay, note } = this.#tools;
    const { owner, log } = partition;
    while (owner) {
      const room = owner.prefetch - (partition.cursor - Math.max(partition.acked, owner.done.get(partition.number) ?? -1) - 1);
      const count = Math.min(room, log.length - partition.cursor, random.int(1, 8));
      if (count <= 0) return;
      const messages = log
        .slice(partition.cursor, partition.cursor + count)
        .map((entry, index) => this.#deliver(partition, partition.cursor + index, entry));
      partition.cursor += count;
      const { gained, number } = partition;
      partition.gained = false;
      const at = Math.max(scheduler.now + drawDelay(), owner.lastAt.get(number) ?? 0);
      owner.lastAt.set(number, at);
      note(
        `${this.name}/${number} gives ${owner.process.name} ${partition.cursor - count}..${partition.cursor - 1}${gained ? ' anew' : ''}`,
      );
      scheduler.at(at, () => owner.process.reach(() => owner.consumer.onMessages(number, messages, gained)));
    }
  }

  #deliver(partition: Partition, position: number, entry: Entry): IncomingMessage {
    const { key, id, body, again = false } = entry.message;
    const redelivered = entry.deliveries > 0;
    entry.deliveries += 1;
    return { topic: this.name, partition: partition.number, position, key, id, body, again, redelivered };
  }
}
