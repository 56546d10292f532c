// Whole workflows on a real broker, through every adapter that loads, come to the same results as on the embedded bus.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { composeTestEngine, type TestEngine, type TestEngineOptions } from '../support/pulsar/compose-engine.ts';
import { busAdapters } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 480, zone: 'Europe/Paris', shortWait: '3s' };

interface Scenario {
  readonly promise: string;
  readonly run: string;
  readonly app: string;
  readonly workflow: string;
  readonly input: unknown;
  readonly signal?: { readonly name: string; readonly value: unknown };
}

const scenarios: readonly Scenario[] = [
  { promise: 'a trip is booked: retried payment, parallel jobs, a wait', run: 'trip', app: 'booking', workflow: 'book-trip', input: trip },
  {
    promise: 'a trip that cannot be booked is undone',
    run: 'saga',
    app: 'booking',
    workflow: 'book-trip',
    input: { ...trip, hotelFull: true },
  },
  {
    promise: 'a signal that comes before its run is received',
    run: 'approval',
    app: 'probe',
    workflow: 'approve',
    input: null,
    signal: { name: 'approved', value: { by: 'grace' } },
  },
  { promise: 'a job that must not be retried fails its run', run: 'refusal', app: 'probe', workflow: 'fail', input: null },
  { promise: 'an input that does not fit is refused', run: 'strict', app: 'probe', workflow: 'strict', input: { nights: 'two' } },
  { promise: 'an output that is not JSON fails its run', run: 'unwritable', app: 'probe', workflow: 'unwritable', input: null },
];

const entries = ['workflows/booking/app.ts', 'test/support/apps/probe/app.ts'];

const play = async ({ ports, projection }: TestEngine, scenario: Scenario) => {
  const { run, app, workflow, input, signal } = scenario;
  if (signal !== undefined) {
    const { name, value } = signal;
    await ports.bus.publish([writeInbox({ type: 'Signal', run, signal: name, value: { json: value }, requestId: `${run}-signal` })], CALL);
  }
  const start = { type: 'StartRun' as const, run, app, workflow, input: { json: input }, inputHash: '', tags: {}, requestId: run };
  await ports.bus.publish([writeInbox(start)], CALL);
  const row = await projection.awaitRun(run, { timeoutMs: 60_000 });
  return { status: row?.status, output: row?.output, failure: row?.failure, tags: row?.tags };
};

type Outcome = Awaited<ReturnType<typeof play>>;

const playOn = async (options: TestEngineOptions, troubles: string[]): Promise<readonly Outcome[]> => {
  const engine = await composeTestEngine(options);
  try {
    return await Promise.all(scenarios.map((scenario) => play(engine, scenario)));
  } finally {
    await engine.stop();
    troubles.push(...engine.troubles);
  }
};

describe.skipIf(missing !== '')(`workflows on Pulsar${missing}`, () => {
  let expected: readonly Outcome[] = [];
  const embeddedTroubles: string[] = [];

  beforeAll(async () => {
    expected = await playOn({ entries }, embeddedTroubles);
  }, 180_000);

  it('on the embedded bus every one of them ends, and nothing goes wrong on the way', () => {
    for (const { status } of expected) expect(status).toMatch(/^(completed|failed|refused)$/);
    expect(embeddedTroubles).toEqual([]);
  });

  for (const adapter of busAdapters) {
    describe.skipIf(adapter.missing !== '')(`over the ${adapter.name} bus${adapter.missing}`, () => {
      const troubles: string[] = [];
      let bus: PulsarBus;
      let found: readonly Outcome[] = [];

      beforeAll(async () => {
        const namespace = `${adapter.name}-${Date.now().toString(36)}`;
        bus = await adapter.open(
          { webUrl, brokerUrl, tenant: 'workflows', namespace },
          (error, doing) => void troubles.push(`${doing}: ${String(error)}`),
        );
        found = await playOn({ entries, bus, settings: { inboxPartitions: 16 } }, troubles);
      }, 180_000);

      afterAll(() => bus.close());

      it.each(scenarios.map(({ promise }, index) => [promise, index] as const))('%s', (_, index) => {
        expect(found[index]).toEqual(expected[index]);
      });

      it('nothing goes wrong on the way', () => {
        expect(troubles).toEqual([]);
      });
    });
  }
});
