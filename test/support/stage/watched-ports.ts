// Port adapters that stand before others: they write down every call in order, and let a test step in between.
import type { Bus, IncomingMessage, OutgoingMessage, QueueSubscription, StreamSubscription } from '../../../src/ports/bus.ts';
import type { Functions, InvocationResult } from '../../../src/ports/functions.ts';
import type { PayloadStore } from '../../../src/ports/payload-store.ts';
import type { AppendOutcome, ClaimOutcome, ClaimRequest, RunStore } from '../../../src/ports/run-store.ts';
import type { TimerStore } from '../../../src/ports/timer-store.ts';
import type { Commit, RunSummary } from '../../../src/protocol/commit.ts';
import type { Due } from '../../../src/protocol/messages.ts';

/** One call that was answered, or an ack that was given. */
export type Step =
  | { readonly kind: 'load'; readonly owner: string; readonly run: string }
  | { readonly kind: 'append'; readonly owner: string; readonly commit: Commit; readonly outcome: AppendOutcome }
  | { readonly kind: 'publish'; readonly owner: string; readonly messages: readonly OutgoingMessage[] }
  | { readonly kind: 'put'; readonly owner: string; readonly dues: readonly Due[] }
  | { readonly kind: 'remove'; readonly owner: string; readonly dues: readonly Due[] }
  | { readonly kind: 'ack'; readonly owner: string; readonly topic: string; readonly partition: number; readonly position: number }
  | { readonly kind: 'claim'; readonly owner: string; readonly request: ClaimRequest; readonly outcome: ClaimOutcome }
  | {
      readonly kind: 'finishClaim';
      readonly owner: string;
      readonly request: Omit<ClaimRequest, 'leaseUntil' | 'now'>;
      readonly finished: boolean;
    }
  | { readonly kind: 'archive'; readonly owner: string; readonly name: string; readonly text: string }
  | { readonly kind: 'invoke'; readonly owner: string; readonly name: string; readonly payload: string; readonly result: InvocationResult };

/** What a test does in place of a call, with the call itself at hand. */
export interface Hooks {
  load?: (run: string, proceed: () => Promise<readonly Commit[]>) => Promise<readonly Commit[]>;
  append?: (commit: Commit, proceed: () => Promise<AppendOutcome>) => Promise<AppendOutcome>;
  readSummary?: (run: string, proceed: () => Promise<RunSummary | undefined>) => Promise<RunSummary | undefined>;
  claim?: (request: ClaimRequest, proceed: () => Promise<ClaimOutcome>) => Promise<ClaimOutcome>;
  publish?: (messages: readonly OutgoingMessage[], proceed: () => Promise<void>) => Promise<void>;
  /** Is waited for before a subscription is answered: its messages may come before. */
  subscribed?: (topic: string) => Promise<void>;
  /** Answers whether an ack gets through. */
  ack?: (topic: string) => boolean;
  put?: (dues: readonly Due[], proceed: () => Promise<void>) => Promise<void>;
  remove?: (dues: readonly Due[], proceed: () => Promise<void>) => Promise<void>;
  invoke?: (name: string, payload: string, proceed: () => Promise<InvocationResult>) => Promise<InvocationResult>;
}

/** Who watches: what is written down and stepped in between. */
export interface Watcher {
  readonly owner: string;
  readonly hooks: Hooks;
  readonly write: (step: Step) => void;
  /** Whether the process that makes the calls is still alive: calls of a dead one are never answered. */
  readonly alive: () => boolean;
}

/** Makes the call, or never answers. */
const call = async <T>({ alive }: Watcher, made: () => Promise<T>): Promise<T> => {
  const answer = alive() ? await made() : await new Promise<T>(() => undefined);
  return alive() ? answer : await new Promise<T>(() => undefined);
};

/** Watches a bus. `left` is given what ends each subscription, for a process that dies. */
export const watchBus = (bus: Bus, watcher: Watcher, left: (topic: string, close: () => Promise<void>) => void): Bus => {
  const { hooks, owner, write, alive } = watcher;
  const acking = (topic: string, partition: number, position: number, ack: () => void): void => {
    if (!alive() || hooks.ack?.(topic) === false) return;
    write({ kind: 'ack', owner, topic, partition, position });
    ack();
  };
  return {
    declareTopics: (topics, options) => call(watcher, () => bus.declareTopics(topics, options)),
    readStream: (...parameters) => call(watcher, () => bus.readStream(...parameters)),
    publish: (messages, options) =>
      call(watcher, async () => {
        const publish = (): Promise<void> => bus.publish(messages, options);
        await (hooks.publish ? hooks.publish(messages, publish) : publish());
        write({ kind: 'publish', owner, messages });
      }),
    subscribeStream: (topic, consumer, options) =>
      call(watcher, async (): Promise<StreamSubscription> => {
        const guarded = {
          onMessages: (...batch: Parameters<typeof consumer.onMessages>) => void (alive() && consumer.onMessages(...batch)),
        };
        const subscription = await bus.subscribeStream(topic, guarded, options);
        left(topic, () => subscription.close());
        await hooks.subscribed?.(topic);
        return {
          ackUpTo: (partition, position) => acking(topic, partition, position, () => subscription.ackUpTo(partition, position)),
          close: () => call(watcher, () => subscription.close()),
        };
      }),
    subscribeQueue: (topic, consumer, options) =>
      call(watcher, async (): Promise<QueueSubscription> => {
        const guarded = { onMessage: (message: IncomingMessage) => void (alive() && consumer.onMessage(message)) };
        const subscription = await bus.subscribeQueue(topic, guarded, options);
        left(topic, () => subscription.close());
        await hooks.subscribed?.(topic);
        return {
          ack: (message) => acking(topic, message.partition, message.position, () => subscription.ack(message)),
          release: (message) => void (alive() && subscription.release(message)),
          close: () => call(watcher, () => subscription.close()),
        };
      }),
  };
};

/** Watches a run store. */
export const watchRuns = (runs: RunStore, watcher: Watcher): RunStore => {
  const { hooks, owner, write } = watcher;
  return {
    load: (run, options) =>
      call(watcher, async () => {
        const load = (): Promise<readonly Commit[]> => runs.load(run, options);
        const commits = await (hooks.load ? hooks.load(run, load) : load());
        write({ kind: 'load', owner, run });
        return commits;
      }),
    append: (commit, text, options) =>
      call(watcher, async () => {
        const append = (): Promise<AppendOutcome> => runs.append(commit, text, options);
        const outcome = await (hooks.append ? hooks.append(commit, append) : append());
        write({ kind: 'append', owner, commit, outcome });
        return outcome;
      }),
    readSummary: (run, options) =>
      call(watcher, () => {
        const read = (): Promise<RunSummary | undefined> => runs.readSummary(run, options);
        return hooks.readSummary ? hooks.readSummary(run, read) : read();
      }),
    claim: (request, options) =>
      call(watcher, async () => {
        const claim = (): Promise<ClaimOutcome> => runs.claim(request, options);
        const outcome = await (hooks.claim ? hooks.claim(request, claim) : claim());
        write({ kind: 'claim', owner, request, outcome });
        return outcome;
      }),
    readClaim: (...parameters) => call(watcher, () => runs.readClaim(...parameters)),
    finishClaim: (request, options) =>
      call(watcher, async () => {
        const finished = await runs.finishClaim(request, options);
        write({ kind: 'finishClaim', owner, request, finished });
        return finished;
      }),
    prune: (...parameters) => call(watcher, () => runs.prune(...parameters)),
  };
};

/** Watches a timer store. */
export const watchTimers = (timers: TimerStore, watcher: Watcher): TimerStore => {
  const { hooks, owner, write } = watcher;
  return {
    put: (dues, options) =>
      call(watcher, async () => {
        const put = (): Promise<void> => timers.put(dues, options);
        await (hooks.put ? hooks.put(dues, put) : put());
        write({ kind: 'put', owner, dues });
      }),
    readDue: (...parameters) => call(watcher, () => timers.readDue(...parameters)),
    remove: (dues, options) =>
      call(watcher, async () => {
        const remove = (): Promise<void> => timers.remove(dues, options);
        await (hooks.remove ? hooks.remove(dues, remove) : remove());
        write({ kind: 'remove', owner, dues });
      }),
  };
};

/** Watches a payload store. */
export const watchPayloads = (payloads: PayloadStore, watcher: Watcher): PayloadStore => ({
  put: (...parameters) => call(watcher, () => payloads.put(...parameters)),
  get: (...parameters) => call(watcher, () => payloads.get(...parameters)),
  makeLink: (...parameters) => call(watcher, () => payloads.makeLink(...parameters)),
  makeGrant: (...parameters) => call(watcher, () => payloads.makeGrant(...parameters)),
  getArchive: (...parameters) => call(watcher, () => payloads.getArchive(...parameters)),
  putArchive: (name, text, options) =>
    call(watcher, async () => {
      await payloads.putArchive(name, text, options);
      watcher.write({ kind: 'archive', owner: watcher.owner, name, text });
    }),
});

/** Watches functions. */
export const watchFunctions = (functions: Functions, watcher: Watcher): Functions => ({
  invoke: (name, payload, options) =>
    call(watcher, async () => {
      const invoke = (): Promise<InvocationResult> => functions.invoke(name, payload, options);
      const result = await (watcher.hooks.invoke ? watcher.hooks.invoke(name, payload, invoke) : invoke());
      watcher.write({ kind: 'invoke', owner: watcher.owner, name, payload, result });
      return result;
    }),
});
