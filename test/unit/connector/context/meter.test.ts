// Proves that every invocation becomes one ledger entry, many to a message, and that none is lost.
import { describe, expect, it } from 'vitest';
import { Calls } from '../../../../src/connector/context/calls.ts';
import { createMeter } from '../../../../src/connector/context/meter.ts';
import { defaultSettings } from '../../../../src/connector/context/settings.ts';
import type { OutgoingMessage } from '../../../../src/ports/bus.ts';
import { ledgerEntrySchema, storeEntrySchema } from '../../../../src/protocol/ledger-entry.ts';
import { loadDesk } from '../../../support/apps/desk/load-desk.ts';
import { openStage, readBody } from '../../../support/stage/stage.ts';

const report = {
  requestId: 'request',
  durationMs: 3.2,
  billedMs: 4,
  memoryMb: 256,
  initMs: 0,
  coldStart: false,
  source: 'report' as const,
};
const invocation = {
  function: 'desk.jobs@one',
  kind: 'job' as const,
  app: 'desk',
  outcome: 'succeeded' as const,
  runs: [{ run: 'run', workflow: 'one-job' }],
};

const open = async (publishing: (messages: readonly OutgoingMessage[]) => Promise<void>) => {
  const stage = await openStage({ app: await loadDesk() });
  const bus = { ...stage.ports.bus, publish: publishing };
  let ids = 0;
  const meter = createMeter({ ...stage.ports, bus, newId: () => `id-${ids++}` }, defaultSettings, new Calls(stage.clock, () => undefined));
  return { stage, meter };
};

const entriesOf = (messages: readonly OutgoingMessage[]) =>
  messages.map((message) => (readBody(message) as { entries: unknown[] }).entries);

describe('the ledger', () => {
  it('has one entry for each invocation, with its report and its exact price', async () => {
    const published: OutgoingMessage[] = [];
    const { stage, meter } = await open(async (messages) => void published.push(...messages));
    meter.record(invocation, report);
    await stage.pass('1s');
    const [[entry] = []] = entriesOf(published);
    expect(ledgerEntrySchema.parse(entry)).toEqual({
      v: 1,
      at: stage.clock.now() - 1000,
      ...invocation,
      ...report,
      listCost: '0.000000213333400000'.replace(/0+$/, ''),
    });
    await stage.close();
  });

  it('takes up to 500 entries to a message', async () => {
    const published: OutgoingMessage[] = [];
    const { stage, meter } = await open(async (messages) => void published.push(...messages));
    for (let index = 0; index < 1100; index++) meter.record(invocation, report);
    await stage.pass('1s');
    expect(entriesOf(published).map(({ length }) => length)).toEqual([500, 500, 100]);
    await stage.close();
  });

  it('is published again until it is answered, and what is left when the connector leaves', async () => {
    const published: OutgoingMessage[] = [];
    let failures = 2;
    const { stage, meter } = await open(async (messages) => {
      if (failures-- > 0) throw new Error('no bus');
      published.push(...messages);
    });
    meter.record(invocation, report);
    await stage.pass('5s');
    expect(published).toMatchObject([{ again: true }]);
    meter.record(invocation, report);
    await meter.flush();
    expect(published).toHaveLength(2);
    await stage.close();
  });

  it('says what each run used of the stores, at its exact price, once a second', async () => {
    const published: OutgoingMessage[] = [];
    const { stage, meter } = await open(async (messages) => void published.push(...messages));
    meter.recordUse(['one'], { operation: 'dynamodb.append', readUnits: 0, writeUnits: 2 });
    meter.recordUse(['one'], { operation: 's3.putPayload', readUnits: 0, writeUnits: 1 });
    meter.recordUse(['one', 'two', 'three'], { operation: 'dynamodb.putTimers', readUnits: 0, writeUnits: 1 });
    await stage.pass('1s');
    const [body] = published.map((message) => readBody(message) as { entries: unknown[]; stores: unknown[] });
    const stores = body?.stores.map((entry) => storeEntrySchema.parse(entry)) ?? [];
    expect(body?.entries).toEqual([]);
    expect(stores).toMatchObject([
      { run: 'one', writeUnits: 2.333334, puts: 1, readUnits: 0, gets: 0, listCost: '0.00000645833375' },
      { run: 'two', writeUnits: 0.333333 },
      { run: 'three', writeUnits: 0.333333 },
    ]);
    expect(new Set(stores.map(({ id }) => id)).size).toBe(3);
    await stage.close();
  });

  it('an idle engine, which looks for timers in vain, publishes nothing; what that took goes along with the next message', async () => {
    const published: OutgoingMessage[] = [];
    const { stage, meter } = await open(async (messages) => void published.push(...messages));
    meter.recordUse([], { operation: 'dynamodb.readTimers', readUnits: 0.5, writeUnits: 0 });
    await stage.pass('1h');
    expect(published).toEqual([]);
    meter.record(invocation, report);
    await stage.pass('1s');
    expect(published.map((message) => readBody(message))).toMatchObject([{ entries: [{}] }, { stores: [{ run: '', readUnits: 0.5 }] }]);
    await stage.close();
  });
});
