// A hundred thousand timers within one minute: each fires once and never early, a nearer one does not wait behind them, and a
// restart of the broker holds up no other work.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { IncomingMessage, StreamSubscription } from '../../src/ports/bus.ts';
import { TIMER_FUNCTION } from '../../src/protocol/manifest.ts';
import type { Due } from '../../src/protocol/messages.ts';
import { topics } from '../../src/protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';
import { readQueueStats } from '../support/pulsar/queue-stats.ts';

const { webUrl, missing, restart } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const TIMERS = 100_000;
const WINDOW_MS = 60_000;
/** Until the first is due: long enough to bring all of them to the bus, and the broker down and up again. */
const LEAD_MS = 90_000;
const RUNS_BESIDE = 60;
const GIVE_UP_MS = 120_000;
const FIRED = { name: 'fired', kind: 'stream', partitions: 4, retained: false, delayed: false } as const;

const entrySchema = z.object({ entries: z.array(z.object({ function: z.string() })) });
const dueAtSchema = z.object({ dueAt: z.number() });

const quantile = (sorted: readonly number[], part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? -1;

/** Takes what fired, and says how late it came. */
class Fired {
  readonly lateMs = new Map<string, number>();
  repeats = 0;
  firstAt = 0;
  lastAt = 0;
  #subscription: StreamSubscription | undefined;

  async start(bus: PulsarBus): Promise<void> {
    await bus.declareTopics([FIRED], CALL);
    const onMessages = (partition: number, messages: readonly IncomingMessage[]): void => {
      for (const message of messages) this.#take(message);
      this.#subscription?.ackUpTo(partition, messages.at(-1)?.position ?? -1);
    };
    this.#subscription = await bus.subscribeStream(FIRED.name, { onMessages }, { ...CALL, subscription: 'reader', prefetch: 1000 });
  }

  #take({ id, body }: IncomingMessage): void {
    const now = Date.now();
    if (this.lateMs.has(id)) this.repeats++;
    else this.lateMs.set(id, now - dueAtSchema.parse(JSON.parse(body)).dueAt);
    this.lastAt = performance.now();
    if (this.firstAt === 0) this.firstAt = this.lastAt;
  }
}

describe.skipIf(missing !== '')(`${TIMERS} timers within a minute${missing}`, () => {
  const access = { webUrl, tenant: 'delays', namespace: `many${Date.now().toString(36)}` };
  const fired = new Fired();
  const figures: Record<string, number> = {};
  const settings = { inboxPartitions: 8, timerHorizonMs: LEAD_MS + 2 * WINDOW_MS, moverIntervalMs: 1000 };
  const entries = ['workflows/booking-sequential/app.ts', 'test/support/apps/sleeper/app.ts'];
  let bus: PulsarBus;
  let engine: TestEngine;

  const measure = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const done = await work();
    figures[`${name}Seconds`] = Math.round((performance.now() - began) / 100) / 10;
    return done;
  };

  const putAll = async (firstAt: number): Promise<void> => {
    const dues = Array.from({ length: TIMERS }, (_, index): Due => {
      const dueAt = firstAt + Math.floor((index * WINDOW_MS) / TIMERS);
      const message = JSON.stringify({ dueAt });
      return { type: 'Due', v: PROTOCOL_VERSION, dueAt, topic: FIRED.name, key: `key-${index % 100}`, id: `timer-${index}`, message };
    });
    for (let from = 0; from < TIMERS; from += 5000) await engine.ports.timers.put(dues.slice(from, from + 5000), CALL);
  };

  const awaitAllOnBus = async (): Promise<void> => {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      const { delayed, delayIndexBytes } = await readQueueStats(webUrl, `${access.tenant}/${access.namespace}/${topics.timers.name}`);
      figures['delayIndexBytes'] = delayIndexBytes;
      if (delayed >= TIMERS) return;
      if (performance.now() > deadline) throw new Error(`Only ${delayed} timers came to the bus.`);
      await pause(250);
    }
  };

  /** @returns how late it woke, as its own code saw it, in milliseconds */
  const sleep = async (run: string, ms: number): Promise<number> => {
    const load = { app: 'sleeper', workflow: 'sleep-until', input: { json: Date.now() + ms } };
    await bus.publish([writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run })], CALL);
    const row = await engine.projection.awaitRun(run, { timeoutMs: GIVE_UP_MS });
    return row?.output && 'json' in row.output ? z.number().parse(row.output.json) : Number.NaN;
  };

  const startBookings = (runs: readonly string[]): Promise<void> => {
    const load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { json: { order: 'order-1' } } };
    const starts = runs.map((run) => writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run }));
    return bus.publish(starts, { timeoutMs: 2 * GIVE_UP_MS });
  };

  const awaitBookings = (runs: readonly string[]): Promise<readonly (string | undefined)[]> =>
    Promise.all(runs.map(async (run) => (await engine.projection.awaitRun(run, { timeoutMs: GIVE_UP_MS }))?.status));

  /** Wakes runs all the while that the timers fire. */
  const sleepBeside = async (): Promise<readonly number[]> => {
    const late: Promise<number>[] = [];
    for (let index = 0; fired.lateMs.size < TIMERS && late.length < 200; index++) {
      late.push(sleep(`beside-${index}`, 1000));
      await pause(1000);
      if (fired.lastAt > 0 && performance.now() - fired.lastAt > GIVE_UP_MS / 4) break;
    }
    return (await Promise.all(late)).toSorted((a, b) => a - b);
  };

  const countInvocations = async (): Promise<number> => {
    let count = 0;
    for (let from = 0; ;) {
      const messages = await bus.readStream(topics.usage.name, 0, from, 1000, CALL);
      const last = messages.at(-1);
      if (last === undefined) return count;
      const all = messages.flatMap(({ body }) => entrySchema.parse(JSON.parse(body)).entries);
      count += all.filter((entry) => entry.function === TIMER_FUNCTION).length;
      from = last.position + 1;
    }
  };

  beforeAll(async () => {
    bus = createPulsarWebSocketBus({ access, clock: systemClock, report: () => undefined });
    engine = await composeTestEngine({ entries, bus, settings });
    await fired.start(bus);
    await sleep('warm-up', 1);
    await measure('put', () => putAll(Date.now() + LEAD_MS));
    await measure('toBus', awaitAllOnBus);
  }, 180_000);

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify({ test: `${TIMERS} timers within a minute`, ...figures })}\n`);
    await engine.stop();
    await bus.close();
  });

  it('wait for their time while others come and go: nearer ones, a restart of the broker, runs; then each fires once, never early', async () => {
    const nearer = await Promise.all([sleep('nearer-1', 1000), sleep('nearer-2', 3000)]);
    figures['nearerLateMs'] = Math.max(...nearer);
    // They were put after all of the others, and due before them.
    expect(fired.lateMs.size).toBe(0);

    const ids = makeIds('booking-', RUNS_BESIDE);
    const restarting = measure('restart', restart);
    const started = startBookings(ids.slice(0, RUNS_BESIDE / 2));
    await Promise.all([restarting, started]);
    const statuses = await measure('runsAfterRestart', async () => {
      await startBookings(ids.slice(RUNS_BESIDE / 2));
      return awaitBookings(ids);
    });
    figures['firedBeforeOtherRunsEnded'] = fired.lateMs.size;
    expect(statuses).toEqual(ids.map(() => 'completed'));
    expect(fired.lateMs.size).toBeLessThan(TIMERS);

    const beside = await sleepBeside();
    Object.assign(figures, { besides: beside.length, besideLateP50Ms: quantile(beside, 0.5), besideLateMostMs: quantile(beside, 1) });
    const late = [...fired.lateMs.values()].toSorted((a, b) => a - b);
    Object.assign(figures, { fired: late.length, repeats: fired.repeats, earliestMs: quantile(late, 0), lateP50Ms: quantile(late, 0.5) });
    Object.assign(figures, { lateP99Ms: quantile(late, 0.99), lateMostMs: quantile(late, 1), invocations: await countInvocations() });
    figures['firedPerSecond'] = Math.round((late.length * 1000) / (fired.lastAt - fired.firstAt));
    expect(late.length).toBe(TIMERS);
    expect(fired.repeats).toBe(0);
    expect(quantile(late, 0)).toBeGreaterThanOrEqual(0);
    expect(beside.every((ms) => ms >= 0)).toBe(true);
  }, 420_000);
});
