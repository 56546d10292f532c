// The ports to stores as a process meets them whose store is in another one.
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { PayloadStore } from '../../../src/ports/payload-store.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import type { RunStore } from '../../../src/ports/run-store.ts';
import type { TimerStore } from '../../../src/ports/timer-store.ts';
import { commitSchema, runSummarySchema } from '../../../src/protocol/commit.ts';
import { isErrorCode } from '../../../src/protocol/errors.ts';
import { putGrantSchema } from '../../../src/protocol/functions.ts';
import { manifestSchema } from '../../../src/protocol/manifest.ts';
import { dueSchema } from '../../../src/protocol/messages.ts';
import { payloadLinkSchema } from '../../../src/protocol/payload.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';
import { readLines } from './read-lines.ts';
import { storeAnswerSchema, type StoreCall } from './store-wire.ts';

/** Stores in another process. */
export interface RemoteStore {
  readonly runs: RunStore;
  readonly timers: TimerStore;
  readonly payloads: PayloadStore;
  readonly registry: Registry;
  readonly close: () => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StarquakeError) => void;
}

class StoreLink {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor(path: string) {
    this.#socket = connect(path);
    const lose = (error?: Error): void => {
      const lost = new StarquakeError('STORE_FAILED', 'The store process is gone.', { cause: error });
      for (const { reject } of this.#waiting.values()) reject(lost);
      this.#waiting.clear();
    };
    this.#socket.on('error', lose);
    this.#socket.on('close', () => lose());
    readLines(this.#socket, (line) => this.#take(line));
  }

  async call<T>(schema: z.ZodType<T>, port: StoreCall['port'], method: string, ...parameters: readonly unknown[]): Promise<T> {
    const id = this.#calls++;
    const value = await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ id, port, method, parameters })}\n`);
    });
    return schema.parse(value);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    const { id, value, failure } = storeAnswerSchema.parse(JSON.parse(line));
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure === undefined) waiting?.resolve(value);
    else waiting?.reject(new StarquakeError(isErrorCode(failure.code) ? failure.code : 'STORE_FAILED', failure.message));
  }
}

const claimSchema = z.object({
  generation: z.int(),
  number: z.int(),
  claimant: z.string(),
  leaseUntil: z.number(),
  finished: z.boolean(),
});
const claimOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('granted') }),
  z.object({ kind: z.literal('refused'), standing: claimSchema }),
]);
const nothing = z.undefined().transform((): void => undefined);

const makeRuns = (link: StoreLink): RunStore => ({
  load: (...parameters) => link.call(z.array(commitSchema), 'runs', 'load', ...parameters),
  append: (...parameters) => link.call(z.enum(['appended', 'conflict']), 'runs', 'append', ...parameters),
  readSummary: (...parameters) => link.call(runSummarySchema.optional(), 'runs', 'readSummary', ...parameters),
  claim: (...parameters) => link.call(claimOutcomeSchema, 'runs', 'claim', ...parameters),
  readClaim: (...parameters) => link.call(claimSchema.optional(), 'runs', 'readClaim', ...parameters),
  finishClaim: (...parameters) => link.call(z.boolean(), 'runs', 'finishClaim', ...parameters),
  prune: (...parameters) => link.call(nothing, 'runs', 'prune', ...parameters),
});

const makeTimers = (link: StoreLink): TimerStore => ({
  put: (...parameters) => link.call(nothing, 'timers', 'put', ...parameters),
  readDue: (...parameters) => link.call(z.array(dueSchema), 'timers', 'readDue', ...parameters),
  remove: (...parameters) => link.call(nothing, 'timers', 'remove', ...parameters),
});

const makePayloads = (link: StoreLink): PayloadStore => ({
  put: (...parameters) => link.call(payloadLinkSchema, 'payloads', 'put', ...parameters),
  get: (...parameters) => link.call(z.string(), 'payloads', 'get', ...parameters),
  makeLink: (...parameters) => link.call(z.string(), 'payloads', 'makeLink', ...parameters),
  makeGrant: (...parameters) => link.call(putGrantSchema, 'payloads', 'makeGrant', ...parameters),
  putArchive: (...parameters) => link.call(nothing, 'payloads', 'putArchive', ...parameters),
  getArchive: (...parameters) => link.call(z.string(), 'payloads', 'getArchive', ...parameters),
});

/** Connects to the store process that serves this socket. */
export const connectStore = (path: string): RemoteStore => {
  const link = new StoreLink(path);
  return {
    runs: makeRuns(link),
    timers: makeTimers(link),
    payloads: makePayloads(link),
    registry: {
      list: (...parameters) => link.call(z.array(manifestSchema), 'registry', 'list', ...parameters),
      put: (...parameters) => link.call(nothing, 'registry', 'put', ...parameters),
      // All deployments are there before the first connector starts.
      watch: () => () => undefined,
    },
    close: () => link.close(),
  };
};
