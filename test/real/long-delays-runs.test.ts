// Thousands of runs that sleep until the same seconds: each wakes once, and none before its time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { RunRow } from '../../src/query/run-row.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine } from '../support/pulsar/compose-engine.ts';

const { webUrl, missing } = findPulsar();
const CALL = { timeoutMs: 120_000 };
const RUNS = 5000;
/** Until the first is due: most runs are there by then. */
const LEAD_MS = 20_000;
const WINDOW_MS = 20_000;
const runs = makeIds('sleeper-', RUNS);

const readLateMs = (row: RunRow | undefined): number =>
  row?.output && 'json' in row.output && typeof row.output.json === 'number' ? row.output.json : Number.NaN;

const quantile = (sorted: readonly number[], part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? -1;

describe.skipIf(missing !== '')(`${RUNS} runs that sleep${missing}`, () => {
  const access = { webUrl, tenant: 'delays', namespace: `runs${Date.now().toString(36)}` };
  let bus: PulsarBus;
  let engine: TestEngine;

  beforeAll(async () => {
    bus = createPulsarWebSocketBus({ access, clock: systemClock, report: () => undefined });
    engine = await composeTestEngine({ entries: ['test/support/apps/sleeper/app.ts'], bus, settings: { inboxPartitions: 8 } });
  });

  afterAll(async () => {
    await engine.stop();
    await bus.close();
  });

  it('wake once each, and not before their time', async () => {
    const firstAt = Date.now() + LEAD_MS;
    const starts = runs.map((run, index) => {
      const until = firstAt + Math.floor((index * WINDOW_MS) / RUNS);
      const load = { app: 'sleeper', workflow: 'sleep-until', input: { json: until }, inputHash: '', tags: {}, requestId: run };
      return writeInbox({ type: 'StartRun', run, ...load });
    });
    await bus.publish(starts, CALL);
    const rows = await Promise.all(runs.map((run) => engine.projection.awaitRun(run, CALL)));
    const late = rows.map(readLateMs).toSorted((a, b) => a - b);
    const commits = await Promise.all(runs.map((run) => engine.ports.runs.load(run, CALL)));
    const fired = commits.map((own) => own.flatMap(({ events }) => events).filter(({ type }) => type === 'TimerFired').length);
    const figures = { lateP50Ms: quantile(late, 0.5), lateP99Ms: quantile(late, 0.99), lateMostMs: quantile(late, 1) };
    process.stdout.write(`${JSON.stringify({ test: 'runs that sleep', runs: RUNS, earliestMs: quantile(late, 0), ...figures })}\n`);
    expect(rows.map((row) => row?.status)).toEqual(runs.map(() => 'completed'));
    expect(fired).toEqual(runs.map(() => 1));
    expect(late.every((ms) => ms >= 0)).toBe(true);
  });
});
