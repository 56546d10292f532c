// The whole line as it runs in production, on stand-ins of AWS: a real broker, DynamoDB's local server, S3, and every function in processes behind Invoke.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PulsarBus } from '../../src/adapters/pulsar/pulsar-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { Commit } from '../../src/protocol/commit.ts';
import { ledgerEntrySchema, storeEntrySchema, type StoreEntry } from '../../src/protocol/ledger-entry.ts';
import { topics } from '../../src/protocol/topics.ts';
import { followHistory, type HistoryFollower } from '../../src/query/follow-history.ts';
import { parseHistoryMessage } from '../../src/query/history-message.ts';
import { createProjection, type Projection } from '../../src/query/projection.ts';
import { makeIds } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { ConnectorService } from '../support/aws-local/connector-service.ts';
import { startAws, type LocalAws } from '../support/aws-local/start-aws.ts';
import { openBus } from '../support/pulsar/open-bus.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const START_TIMEOUT_MS = 300_000;
const RUNS = 300;
const KILLS = 20;
const PAUSE_MS = 30_000;
const usageSchema = z.object({ entries: z.array(ledgerEntrySchema), stores: z.array(storeEntrySchema).default([]) });

describe.skipIf(missing !== '')(`the whole line on stand-ins of AWS${missing}`, () => {
  const place = { webUrl, brokerUrl, tenant: 'starquake', namespace: `aws-${Date.now().toString(36)}` };
  const connectors: ConnectorService[] = [];
  let aws: LocalAws;
  let bus: PulsarBus;
  let projection: Projection;
  let follower: HistoryFollower;
  let health: string;

  const startConnector = async (): Promise<ConnectorService> => {
    const connector = new ConnectorService({
      ...aws.environment,
      STARQUAKE_PULSAR_URL: webUrl,
      STARQUAKE_PULSAR_NAMESPACE: `${place.tenant}/${place.namespace}`,
      STARQUAKE_INBOX_PARTITIONS: '8',
    });
    connectors.push(connector);
    health = await connector.waitUntilReady();
    return connector;
  };

  beforeAll(async () => {
    aws = await startAws('workflows/booking-sequential/app.ts');
    await startConnector();
    bus = await openBus(place);
    projection = createProjection(systemClock);
    follower = await followHistory(bus, projection, () => undefined);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all(connectors.map((connector) => connector.end('SIGKILL')));
    await follower.stop();
    await bus.close();
    await aws.stop();
  }, START_TIMEOUT_MS);

  const startRuns = async (runs: readonly string[]): Promise<readonly Promise<string | undefined>[]> => {
    const load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { json: { order: 'order-1' } } };
    const ends = runs.map(async (run) => (await projection.awaitRun(run, { timeoutMs: 150_000 }))?.status);
    await bus.publish(
      runs.map((run) => writeInbox({ type: 'StartRun', run, ...load, inputHash: '', tags: {}, requestId: run })),
      CALL,
    );
    return ends;
  };

  const uses: StoreEntry[] = [];

  /** Ids of all invocations; what was used of stores goes to `uses`. */
  const readLedger = async (): Promise<readonly string[]> => {
    const ids: string[] = [];
    uses.length = 0;
    for (let from = 0; ;) {
      const messages = await bus.readStream(topics.usage.name, 0, from, 500, CALL);
      const last = messages.at(-1);
      if (last === undefined) return ids;
      for (const { body } of messages) {
        const { entries, stores } = usageSchema.parse(JSON.parse(body));
        ids.push(...entries.map(({ requestId }) => requestId));
        uses.push(...stores);
      }
      from = last.position + 1;
    }
  };

  /** How many commits of each run have ended it. */
  const countEnds = async (): Promise<ReadonlyMap<string, number>> => {
    const commits = new Map<string, Commit>();
    for (let partition = 0; partition < topics.history.partitions; partition++) {
      for (let from = 0; ;) {
        const messages = await bus.readStream(topics.history.name, partition, from, 500, CALL);
        const last = messages.at(-1);
        if (last === undefined) break;
        for (const { body } of messages) {
          const parsed = parseHistoryMessage(body);
          if (parsed.type === 'starquake.commit') commits.set(`${parsed.data.run} ${parsed.data.id}`, parsed.data);
        }
        from = last.position + 1;
      }
    }
    const ended = [...commits.values()].filter(({ events }) => events.some(({ type }) => type === 'RunCompleted'));
    return new Map([...Map.groupBy(ended, ({ run }) => run)].map(([run, own]) => [run, own.length]));
  };

  it('runs end with the right result, and its metrics and its health say so', async () => {
    const ends = await startRuns(makeIds('first-', 20));
    expect(await Promise.all(ends)).toEqual(makeIds('first-', 20).map(() => 'completed'));
    const metrics = await (await fetch(`${health}/metrics`)).text();
    expect(metrics).toContain('starquake_run_ends_total{app="booking-sequential",workflow="book-sequentially",status="completed"} 20');
    expect(metrics).toMatch(/starquake_store_units_total\{operation="dynamodb\.append",direction="write"\} [1-9]/);
    expect((await fetch(`${health}/ready`)).status).toBe(200);
  });

  it('the ledger says what a run has used of the stores: five commits, its watch and its retention', async () => {
    const used = async (): Promise<number> => {
      await readLedger();
      return uses.filter(({ run }) => run === 'first-1').reduce((sum, { writeUnits }) => sum + writeUnits, 0);
    };
    await expect.poll(used, { timeout: 20_000 }).toBeGreaterThanOrEqual(7);
    // More only for attempts that were claimed because this machine was slow.
    expect(await used()).toBeLessThan(20);
    expect(Number(uses[0]?.listCost)).toBeGreaterThan(0);
  });

  it(`${RUNS} runs in flight end once while the connector is killed ${KILLS} times, and the ledger has every invocation that was answered`, async () => {
    const runs = makeIds('killed-', RUNS);
    const ends = await startRuns(runs);
    let ended = 0;
    for (const end of ends) void end.then(() => (ended += 1));
    for (let kill = 1; kill <= KILLS; kill++) {
      while (ended < (RUNS * kill) / (KILLS + 2)) await new Promise((resolve) => setTimeout(resolve, 20));
      await connectors.at(-1)?.end('SIGKILL');
      await startConnector();
    }
    expect(await Promise.all(ends)).toEqual(runs.map(() => 'completed'));
    expect(await connectors.at(-1)?.end('SIGTERM')).toBe(0);
    const ledger = new Set(await readLedger());
    const answered = aws.lambda.listInvocations().filter(({ outcome }) => outcome === 'answered');
    const missed = answered.filter(({ requestId }) => !ledger.has(requestId));
    process.stdout.write(
      `${JSON.stringify({ runs: RUNS + 20, kills: KILLS, invocations: answered.length, ledgerEntries: ledger.size, missed: missed.length })}\n`,
    );
    // Those that a kill cut off before their entry was published are named by the stand-in's own log, and are few.
    expect(ledger.size + missed.length).toBe(answered.length);
  });

  it('two connectors share the work; one is killed, the other one stands still for half a minute and comes back', async () => {
    const [doomed, paused] = [await startConnector(), await startConnector()];
    const [before, after] = [makeIds('shared-', RUNS), makeIds('paused-', RUNS)];
    const first = await startRuns(before);
    await Promise.race(first);
    await doomed.end('SIGKILL');
    await startConnector();
    const second = await startRuns(after);
    await Promise.race(second);
    paused.freeze();
    await pause(PAUSE_MS);
    paused.thaw();
    expect(await Promise.all([...first, ...second])).toEqual([...before, ...after].map(() => 'completed'));
    const ends = await countEnds();
    expect([...before, ...after].filter((run) => ends.get(run) !== 1)).toEqual([]);
  });

  it('no secret is in any log', () => {
    const logs = connectors.map(({ log }) => log).join('\n');
    expect(logs).toContain('ready');
    expect(logs).not.toContain(aws.environment['AWS_SECRET_ACCESS_KEY']);
  });
});
