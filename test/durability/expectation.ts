// What a store was asked and what it answered, so that a later opening of its disk can be judged.
import { isDeepStrictEqual } from 'node:util';
import type { IncomingMessage } from '../../src/ports/bus.ts';
import type { Claim } from '../../src/ports/run-store.ts';

/** Fails the test unless `holds`. */
const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`It does not hold that ${what}.`);
};

/** One record that a store was asked to keep. */
export interface Kept {
  readonly name: string;
  /** Order of asking over all that share the journal. */
  readonly order: number;
  answered: boolean;
  /** Order at which it was asked to go (acked, removed, pruned). */
  goneAt: number | undefined;
  goneAnswered: boolean;
  delivered: boolean;
}

/** A state of a claim, in the order of asking. */
export interface ClaimState {
  readonly claim: Claim;
  answered: boolean;
}

/** Everything that one disk is expected to hold. */
export class Expectation {
  #order = 0;
  /** The latest request that was answered: all that was asked before it is on disk. */
  #answeredUpTo = -1;
  readonly kinds = {
    inbox: new Map<string, Kept>(),
    jobs: new Map<string, Kept>(),
    history: new Map<string, Kept>(),
    commits: new Map<string, Kept>(),
    timers: new Map<string, Kept>(),
  };
  readonly claims = new Map<string, ClaimState[]>();
  readonly payloads = new Map<string, string>();

  get nextOrder(): number {
    return this.#order;
  }

  ask(kind: keyof Expectation['kinds'], name: string): Kept {
    const kept: Kept = { name, order: this.#order++, answered: false, goneAt: undefined, goneAnswered: false, delivered: false };
    this.kinds[kind].set(name, kept);
    return kept;
  }

  /** Takes note of a request without a record of its own. */
  takeOrder(): number {
    return this.#order++;
  }

  answer(kept: readonly Kept[]): void {
    for (const one of kept) one.answered = true;
    this.answerUpTo(Math.max(-1, ...kept.map(({ order }) => order)));
  }

  answerUpTo(order: number): void {
    this.#answeredUpTo = Math.max(this.#answeredUpTo, order);
  }

  /** Asks a record to go. */
  askToGo(kept: Kept): void {
    kept.goneAt ??= this.#order++;
  }

  /** Judges what was found of one kind, and takes it as what is there from now on. */
  judge(kind: keyof Expectation['kinds'], found: ReadonlySet<string>): readonly (Kept & { present: boolean })[] {
    const known = this.kinds[kind];
    for (const name of found) check(known.has(name), `${kind} ${name} was asked for`);
    const judged = [...known.values()].map((kept) => ({ ...kept, present: found.has(kept.name) }));
    for (const { name, order, answered, goneAt, goneAnswered, present } of judged) {
      if (answered && goneAt === undefined) check(present, `${kind} ${name} of order ${order} was answered and is there`);
      if (goneAnswered || (goneAt !== undefined && goneAt < this.#answeredUpTo)) check(!present, `${kind} ${name} is gone for good`);
      const before = known.get(name);
      if (!present) known.delete(name);
      else if (before !== undefined) Object.assign(before, { answered: true, goneAt: undefined, goneAnswered: false, delivered: true });
    }
    return judged;
  }

  /** What is there is a prefix of what was asked: nothing is missing that was asked before something that is there. */
  judgePrefix(judged: readonly (Kept & { present: boolean })[]): void {
    const last = Math.max(-1, ...judged.filter(({ present }) => present).map(({ order }) => order));
    const missing = judged.filter(({ present, goneAt, order }) => !present && goneAt === undefined && order < last);
    check(missing.length === 0, `all before order ${last} is there, but ${missing.map(({ name }) => name).join(', ')} is not`);
  }

  /** A claim is in the last state that was answered, or in one that was asked for later. */
  judgeClaim(key: string, found: Claim | undefined): void {
    const states = this.claims.get(key) ?? [];
    const answered = states.findLastIndex((state) => state.answered);
    const possible = states.slice(Math.max(answered, 0)).map(({ claim }) => claim);
    if (answered >= 0 || found !== undefined)
      check(
        possible.some((claim) => isDeepStrictEqual(claim, found)),
        `claim ${key} is one of ${JSON.stringify(possible)}: ${JSON.stringify(found)}`,
      );
    this.claims.set(key, found === undefined ? [] : [{ claim: found, answered: true }]);
  }

  /** Nothing comes twice, and what was delivered before says so. */
  judgeDeliveries(kind: 'inbox' | 'jobs', messages: readonly IncomingMessage[]): void {
    const ids = messages.map(({ id }) => id);
    check(ids.length === new Set(ids).size, `${kind} delivers each message once`);
    for (const message of messages) {
      if (this.kinds[kind].get(message.id)?.delivered === true) check(message.redelivered, `${message.id} is marked as redelivered`);
    }
  }

  /** Messages of a partition come in the order in which they were published. */
  judgeOrder(kind: 'inbox' | 'history', messages: readonly IncomingMessage[]): void {
    const last = new Map<number, { order: number; position: number }>();
    for (const { id, partition, position } of messages) {
      const order = this.kinds[kind].get(id)?.order ?? -1;
      const before = last.get(partition);
      if (before !== undefined) check(before.order < order && before.position < position, `${kind} ${id} comes in order`);
      last.set(partition, { order, position });
    }
  }
}
