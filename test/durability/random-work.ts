// Random requests to an embedded store, written down as an expectation of what its disk has to hold.
import type { EmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import type { IncomingMessage, QueueSubscription, StreamSubscription } from '../../src/ports/bus.ts';
import type { Commit } from '../../src/protocol/commit.ts';
import type { Due } from '../../src/protocol/messages.ts';
import type { VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { Expectation, Kept } from './expectation.ts';
import type { SeededRandom } from './seeded-random.ts';

export const CALL = { timeoutMs: 1e12 };
export const RUNS = ['run-a', 'run-b', 'run-c'] as const;
export const JOBS = [1, 2] as const;
export const HISTORY_PARTITIONS = 2;
const TOPICS = [
  { name: 'inbox', kind: 'stream', partitions: 3, retained: false, delayed: false },
  { name: 'jobs', kind: 'queue', partitions: 1, retained: false, delayed: false },
  { name: 'history', kind: 'stream', partitions: HISTORY_PARTITIONS, retained: true, delayed: false },
] as const;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Where a timer of this name is kept; far apart, so that order is by name as well. */
export const makeDue = (name: string): Due => ({
  type: 'Due',
  v: 1,
  dueAt: 1e12,
  topic: 'inbox',
  key: 'k',
  id: name,
  message: 'x'.repeat(name.length % 7),
});

export const nameCommit = (run: string, version: number, id: string): string => `${run} ${version} ${id}`;

const makeCommit = (run: string, version: number, id: string, at: number): Commit => ({
  v: 1,
  run,
  version,
  id,
  at,
  epoch: 0,
  messages: [],
  decided: true,
  more: false,
  events: [],
  summary: { version, status: 'running', openJobs: { base: 0, bits: '' }, generations: {} },
});

/** A worker that asks an open store for random things. Answers are waited for by nobody: the power may go at any time. */
export class RandomWork {
  readonly #store: EmbeddedStore;
  readonly #expectation: Expectation;
  readonly #random: SeededRandom;
  readonly #clock: VirtualClock;
  /** Part of every name, so that names differ from those of the work before. */
  readonly #label: string;
  readonly #requests = [
    () => this.#publish(),
    () => this.#publish(),
    () => this.#append(),
    () => this.#putTimers(),
    () => this.#removeTimer(),
    () => this.#claim(),
    () => this.#ackInbox(),
    () => this.#ackJob(),
    () => this.#prune(),
    () => this.#putPayload(),
    () => this.#clock.advance(this.#random.integer(100)),
  ] as const;
  #names = 0;
  #inbox: StreamSubscription | undefined;
  #jobs: QueueSubscription | undefined;
  readonly delivered: Record<'inbox' | 'jobs', IncomingMessage[]> = { inbox: [], jobs: [] };

  constructor(store: EmbeddedStore, expectation: Expectation, random: SeededRandom, clock: VirtualClock, label: string) {
    this.#store = store;
    this.#expectation = expectation;
    this.#random = random;
    this.#clock = clock;
    this.#label = label;
  }

  /** Declares the topics and subscribes. */
  async begin(): Promise<void> {
    const { bus } = this.#store;
    await bus.declareTopics(TOPICS, CALL);
    const options = { ...CALL, subscription: 'worker', prefetch: 1e6 };
    this.#inbox = await bus.subscribeStream(
      'inbox',
      { onMessages: (_, messages) => messages.forEach((message) => this.#receive('inbox', message)) },
      options,
    );
    this.#jobs = await bus.subscribeQueue('jobs', { onMessage: (message) => this.#receive('jobs', message) }, options);
  }

  /** Asks for one random thing. */
  step(): void {
    this.#random.pick(this.#requests)();
  }

  #name(prefix: string): string {
    return `${prefix}${this.#label}.${this.#names++}`;
  }

  #receive(kind: 'inbox' | 'jobs', message: IncomingMessage): void {
    this.delivered[kind].push(message);
    const kept = this.#expectation.kinds[kind].get(message.id);
    if (kept !== undefined && !message.redelivered) kept.delivered = true;
  }

  /** Takes note of an answer; an error other than that of a store at its end fails the test. */
  #note(answer: Promise<unknown>, onAnswer: () => void): void {
    void answer.then(onAnswer);
  }

  #publish(): void {
    const kept: Kept[] = [];
    const messages = Array.from({ length: 1 + this.#random.integer(4) }, () => {
      const topic = this.#random.pick(['inbox', 'jobs', 'history'] as const);
      const id = this.#name('m');
      kept.push(this.#expectation.ask(topic, id));
      return { topic, id, key: `key-${this.#random.integer(5)}`, body: 'b'.repeat(this.#random.integer(200)) };
    });
    this.#note(this.#store.bus.publish(messages, CALL), () => this.#expectation.answer(kept));
  }

  #append(): void {
    const run = this.#random.pick(RUNS);
    const versions = [...this.#expectation.kinds.commits.values()]
      .filter(({ name }) => name.startsWith(`${run} `))
      .map(({ name }) => Number(name.split(' ')[1]));
    const version = Math.max(0, ...versions) + 1;
    const id = this.#name('c');
    const commit = makeCommit(run, version, id, this.#clock.now());
    const kept = this.#expectation.ask('commits', nameCommit(run, version, id));
    this.#note(this.#store.runs.append(commit, JSON.stringify(commit), CALL), () => this.#expectation.answer([kept]));
    const zombie = { ...commit, id: 'zombie' };
    void this.#store.runs.append(zombie, JSON.stringify(zombie), CALL).then((outcome) => {
      if (outcome === 'appended') this.#expectation.ask('commits', 'a version was taken twice').answered = true;
    });
  }

  #putTimers(): void {
    const names = Array.from({ length: 1 + this.#random.integer(3) }, () => this.#name('t'));
    const kept = names.map((name) => this.#expectation.ask('timers', name));
    this.#note(this.#store.timers.put(names.map(makeDue), CALL), () => this.#expectation.answer(kept));
  }

  #removeTimer(): void {
    const kept = this.#pickKept('timers');
    if (kept === undefined) return;
    this.#expectation.askToGo(kept);
    this.#note(this.#store.timers.remove([makeDue(kept.name)], CALL), () => {
      kept.goneAnswered = true;
      this.#expectation.answerUpTo(kept.goneAt ?? -1);
    });
  }

  #claim(): void {
    const run = this.#random.pick(RUNS);
    const job = this.#random.pick(JOBS);
    const states = this.#expectation.claims.get(`${run} ${job}`) ?? [];
    this.#expectation.claims.set(`${run} ${job}`, states);
    const standing = states.at(-1)?.claim;
    const request = {
      run,
      epoch: 0,
      job,
      generation: 1,
      number: (standing?.number ?? 0) + 1,
      claimant: this.#name('p'),
      leaseUntil: 5,
      now: 10,
    };
    const isFinishing = standing !== undefined && !standing.finished && this.#random.chance(0.5);
    const { generation, number, claimant, leaseUntil } = request;
    const state = {
      claim: isFinishing ? { ...standing, finished: true } : { generation, number, claimant, leaseUntil, finished: false },
      answered: false,
    };
    states.push(state);
    const order = this.#expectation.takeOrder();
    const { runs } = this.#store;
    const answer = isFinishing ? runs.finishClaim({ run, epoch: 0, job, ...standing }, CALL) : runs.claim(request, CALL);
    this.#note(answer, () => {
      state.answered = true;
      this.#expectation.answerUpTo(order);
    });
  }

  #ackInbox(): void {
    const messages = this.delivered.inbox;
    const message = messages[this.#random.integer(messages.length)];
    if (message === undefined) return;
    this.#inbox?.ackUpTo(message.partition, message.position);
    this.delivered.inbox = messages.filter((other) => {
      if (other.partition !== message.partition || other.position > message.position) return true;
      const kept = this.#expectation.kinds.inbox.get(other.id);
      if (kept !== undefined) this.#expectation.askToGo(kept);
      return false;
    });
  }

  #ackJob(): void {
    const [message] = this.delivered.jobs.splice(this.#random.integer(this.delivered.jobs.length), 1);
    const kept = message === undefined ? undefined : this.#expectation.kinds.jobs.get(message.id);
    if (message === undefined || kept === undefined) return;
    this.#jobs?.ack(message);
    this.#expectation.askToGo(kept);
  }

  #prune(): void {
    const run = this.#random.pick(RUNS);
    const commits = [...this.#expectation.kinds.commits.values()].filter(
      ({ name, goneAt }) => name.startsWith(`${run} `) && goneAt === undefined,
    );
    const pruned = commits.slice(0, Math.max(0, commits.length - 2));
    const below = Number(commits[pruned.length]?.name.split(' ')[1] ?? 0);
    if (pruned.length === 0) return;
    for (const kept of pruned) this.#expectation.askToGo(kept);
    this.#note(this.#store.runs.prune(run, below, this.#clock.now() + DAY_MS, CALL), () => {
      for (const kept of pruned) {
        kept.goneAnswered = true;
        this.#expectation.answerUpTo(kept.goneAt ?? -1);
      }
    });
  }

  #putPayload(): void {
    const text = this.#name('payload');
    this.#note(
      this.#store.payloads.put(text, { ...CALL, run: 'run-1' }).then(({ sha256 }) => this.#expectation.payloads.set(sha256, text)),
      () => undefined,
    );
  }

  #pickKept(kind: 'timers'): Kept | undefined {
    const kept = [...this.#expectation.kinds[kind].values()].filter(({ goneAt }) => goneAt === undefined);
    return kept[this.#random.integer(kept.length)];
  }
}
