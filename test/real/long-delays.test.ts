// Timers that are far ahead cost the bus nothing: they lie in the timer store until they are near, and fire once, at their time.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { RunEvent } from '../../src/protocol/events.ts';
import { topics } from '../../src/protocol/topics.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';
import { readQueueStats } from '../support/pulsar/queue-stats.ts';

const { webUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const RUNS = 50;
const DAY_MS = 24 * 3600_000;
const AHEAD_MS = 40 * DAY_MS;
/** The clock leaps by days: no call that is under way is late for that. */
const settings = { inboxPartitions: 4, callTimeoutMs: 20 * DAY_MS };
const GIVE_UP_MS = 30_000;
const runs = makeIds('far-', RUNS);

describe.skipIf(missing !== '')(`timers 40 days ahead${missing}`, () => {
  const access = { webUrl, tenant: 'delays', namespace: `far${Date.now().toString(36)}` };
  const clock = makeVirtualClock(Date.now() - AHEAD_MS);
  const dueAt = clock.now() + AHEAD_MS;
  const figures: Record<string, number> = {};
  let bus: PulsarBus;
  let engine: TestEngine;

  const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
    const deadline = performance.now() + GIVE_UP_MS;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`It did not come about: ${what}.`);
      await pause(20);
    }
  };

  const countPublished = async (): Promise<number> =>
    (await readQueueStats(webUrl, `${access.tenant}/${access.namespace}/${topics.timers.name}`)).published;

  const listEvents = async (run: string): Promise<readonly RunEvent[]> =>
    (await engine.ports.runs.load(run, CALL)).flatMap(({ events }) => events);

  const countEvents = async (type: RunEvent['type']): Promise<number> =>
    (await Promise.all(runs.map(listEvents))).flat().filter((event) => event.type === type).length;

  /** Lets the mover make a round at this time, and what it publishes arrive. */
  const advanceTo = async (at: number): Promise<void> => {
    clock.advanceTo(at);
    await pause(500);
  };

  beforeAll(async () => {
    bus = createPulsarWebSocketBus({ access, clock: systemClock, report: () => undefined });
    engine = await composeTestEngine({ entries: ['test/support/apps/sleeper/app.ts'], bus, settings, clock });
    const load = { app: 'sleeper', workflow: 'sleep-until', input: { json: dueAt } };
    await bus.publish(
      runs.map((run) => writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run })),
      CALL,
    );
    await until(async () => (await engine.ports.timers.readDue(dueAt, 2 * RUNS, CALL)).length === RUNS, 'all timers are in the store');
  });

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify({ test: 'timers 40 days ahead', timers: RUNS, ...figures })}\n`);
    // What is in hand may wait for a moment of virtual time.
    const stopping = engine.stop();
    const turn = setInterval(() => clock.advance(1000), 10);
    await stopping.finally(() => clearInterval(turn));
    await bus.close();
  });

  it('cost no message while they are far, one each when they are near, and fire once, not early', async () => {
    for (let day = 1; day < 40; day += 3) await advanceTo(dueAt - AHEAD_MS + day * DAY_MS);
    await advanceTo(dueAt - 140_000);
    figures['publishedWhileFar'] = await countPublished();
    expect(figures['publishedWhileFar']).toBe(0);

    // On the way the mover makes the round that finds them near.
    await advanceTo(dueAt - 1000);
    await until(async () => (await countPublished()) >= RUNS, 'the mover brings them to the bus');
    await advanceTo(dueAt - 1);
    figures['firedEarly'] = await countEvents('TimerFired');
    expect(figures['firedEarly']).toBe(0);
    expect(await engine.ports.timers.readDue(dueAt, 1, CALL)).toEqual([]);

    clock.advanceTo(dueAt);
    await until(() => runs.every((run) => engine.projection.find(run)?.closedAt !== undefined), 'all runs end');
    await advanceTo(dueAt + DAY_MS / 2);
    Object.assign(figures, { publishedInAll: await countPublished(), fired: await countEvents('TimerFired') });
    expect(runs.map((run) => engine.projection.find(run)?.output)).toEqual(runs.map(() => ({ json: 0 })));
    expect(figures).toEqual({ publishedWhileFar: 0, firedEarly: 0, publishedInAll: RUNS, fired: RUNS });
  });
});
