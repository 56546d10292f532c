// One subscription of a queue: shares its messages out among its consumers, each message to one of them.
import type { CancelTimer } from '../../../ports/clock.ts';
import type { IncomingMessage, QueueConsumer } from '../../../ports/bus.ts';
import { DueHeap } from './due-heap.ts';
import type { MessageContent } from './message-record.ts';
import type { PartitionLog } from './partition-log.ts';
import type { ReadingContext } from './stream-reading.ts';
import type { Pump } from './turn.ts';

/** A consumer of the subscription. */
export interface QueueMember {
  readonly consumer: QueueConsumer;
  readonly prefetch: number;
  /** Messages that were delivered to it and neither acked nor released. */
  held: number;
}

/** A message that waits for its first delivery, waits for another one, or is held by a consumer. */
type PendingMessage = 'fresh' | 'seen' | QueueMember;

const LOAD_COUNT = 128;
const LOAD_AGAIN_MS = 1000;

/** A subscription of a queue, with its consumers. */
export class QueueSharing implements Pump {
  /** Names the subscription within its topic. */
  readonly number: number;
  readonly #context: ReadingContext;
  readonly #log: PartitionLog;
  readonly #pending = new Map<number, PendingMessage>();
  readonly #delayed = new DueHeap();
  #ready: number[] = [];
  /** Index of the first entry of `ready` that was not taken yet. */
  #taken = 0;
  #members: readonly QueueMember[] = [];
  #turn = 0;
  #loading = false;
  #loaded: ReadonlyMap<number, MessageContent> = new Map();
  #alarm: { readonly at: number; readonly cancel: CancelTimer } | undefined;
  /** Positions acked since acks were last recorded. */
  acked: number[] = [];

  constructor(context: ReadingContext, number: number, log: PartitionLog) {
    this.number = number;
    this.#context = context;
    this.#log = log;
  }

  /** Takes a message in. `seen`: it may have been delivered before. */
  add(position: number, deliverAt: number, seen: boolean): void {
    this.#pending.set(position, seen ? 'seen' : 'fresh');
    if (deliverAt > 0) {
      this.#delayed.add(deliverAt, position);
      this.#setAlarm();
    } else {
      this.#ready.push(position);
      this.#wake();
    }
  }

  /** Whether the message waits for this subscription's ack. */
  isPending(position: number): boolean {
    return this.#pending.has(position);
  }

  /** Removes a message whose ack is being replayed. */
  forget(position: number): void {
    this.#pending.delete(position);
  }

  join(member: QueueMember): void {
    this.#members = [...this.#members, member];
    this.#setAlarm();
    this.#wake();
  }

  leave(member: QueueMember): void {
    this.#members = this.#members.filter((other) => other !== member);
    for (const [position, pending] of this.#pending) if (pending === member) this.#giveBack(position, member);
    if (this.#members.length === 0) this.#clearAlarm();
  }

  /** Answers whether the message was this member's to ack. */
  ack(member: QueueMember, position: number): boolean {
    if (this.#pending.get(position) !== member) return false;
    this.#pending.delete(position);
    member.held--;
    this.acked.push(position);
    this.#wake();
    return true;
  }

  release(member: QueueMember, position: number): void {
    if (this.#pending.get(position) === member) this.#giveBack(position, member);
  }

  pump(): void {
    for (let member = this.#findRoom(); member !== undefined; member = this.#findRoom()) {
      const position = this.#ready[this.#taken];
      if (position === undefined) break;
      const pending = this.#pending.get(position);
      if (pending === 'fresh' || pending === 'seen') {
        const content = this.#log.peek(position) ?? this.#loaded.get(position);
        if (content === undefined) {
          if (this.#log.has(position)) return this.#load();
          this.#pending.delete(position);
        } else this.#deliver(member, position, pending === 'seen', content);
      }
      this.#take();
    }
    if (this.#ready.length === 0 && this.#loaded.size > 0) this.#loaded = new Map();
  }

  #take(): void {
    this.#taken++;
    // Cutting the front off now and then costs less than shifting each time.
    if (this.#taken === this.#ready.length || (this.#taken > 4096 && this.#taken * 2 > this.#ready.length)) {
      this.#ready = this.#ready.slice(this.#taken);
      this.#taken = 0;
    }
  }

  #deliver(member: QueueMember, position: number, redelivered: boolean, { key, id, body, again }: MessageContent): void {
    this.#pending.set(position, member);
    member.held++;
    const message: IncomingMessage = {
      topic: this.#context.topic,
      partition: 0,
      position,
      key,
      id,
      body,
      again: again === true,
      redelivered,
    };
    try {
      member.consumer.onMessage(message);
    } catch (error) {
      this.#context.report(error, `reading ${this.#context.topic}`);
    }
  }

  #giveBack(position: number, holder: QueueMember): void {
    holder.held--;
    this.#pending.set(position, 'seen');
    this.#ready.push(position);
    this.#wake();
  }

  /** The next consumer in turn that may be given one more. */
  #findRoom(): QueueMember | undefined {
    for (let tried = 0; tried < this.#members.length; tried++) {
      const member = this.#members[this.#turn++ % this.#members.length];
      if (member !== undefined && member.held < member.prefetch) return member;
    }
    return undefined;
  }

  #wake(): void {
    if (this.#members.length > 0 && this.#taken < this.#ready.length) this.#context.turn.request(this);
  }

  #setAlarm(): void {
    const at = this.#delayed.firstAt;
    if (at === undefined || this.#members.length === 0 || (this.#alarm !== undefined && this.#alarm.at <= at)) return;
    this.#clearAlarm();
    this.#alarm = { at, cancel: this.#context.clock.setTimer(at, () => this.#ring()) };
  }

  #clearAlarm(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }

  #ring(): void {
    this.#alarm = undefined;
    const now = this.#context.clock.now();
    for (let position = this.#delayed.takeDue(now); position !== undefined; position = this.#delayed.takeDue(now))
      this.#ready.push(position);
    this.#setAlarm();
    this.#wake();
  }

  #load(): void {
    if (this.#loading) return;
    this.#loading = true;
    const positions = this.#ready.slice(this.#taken, this.#taken + LOAD_COUNT);
    this.#log.load(positions).then(
      (loaded) => {
        this.#loading = false;
        this.#loaded = loaded;
        this.#wake();
      },
      (error: unknown) => {
        this.#loading = false;
        this.#context.report(error, `reading ${this.#context.topic} from disk`);
        this.#context.clock.setTimer(this.#context.clock.now() + LOAD_AGAIN_MS, () => this.#wake());
      },
    );
  }
}
