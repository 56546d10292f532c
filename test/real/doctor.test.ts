// What is broken on a real broker is found, one fault at a time, each with its fix; where nothing is, nothing is found.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyTopics } from '../../src/adapters/pulsar-admin/apply-topics.ts';
import { PulsarAdmin } from '../../src/adapters/pulsar-admin/pulsar-admin.ts';
import { createPulsarWebSocketBus } from '../../src/adapters/pulsar-websocket/pulsar-websocket-bus.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { composeParts } from '../../src/cli/doctor/compose-parts.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { checks } from '../../src/cli/doctor/list-checks.ts';
import { runChecks } from '../../src/cli/doctor/run-checks.ts';
import { topics, type TopicDefinition } from '../../src/protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { makeIds, makeMessages, readQueue, readStream } from '../contract/bus-readers.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { doctorPieces } from '../../src/cli/compose.ts';

const { webUrl, missing } = findPulsar();
const CALL = { timeoutMs: 30_000 };
const PARTITIONS = 4;
const wanted: readonly TopicDefinition[] = Object.values({ ...topics, inbox: { ...topics.inbox, partitions: PARTITIONS } });

let namespaces = 0;

/** A namespace of its own, all topics in it, and the way to break it. */
class Patient {
  readonly access = { webUrl, tenant: 'doctor', namespace: `n${Date.now().toString(36)}${namespaces++}` };
  readonly bus = createPulsarWebSocketBus({ access: this.access, clock: systemClock, report: () => undefined });

  async apply(): Promise<void> {
    await applyTopics(new PulsarAdmin(this.access), wanted, CALL.timeoutMs);
  }

  /** Reads as a connector would. */
  async connect(): Promise<void> {
    await readStream(this.bus, 'inbox', 100, 'orchestrator');
    await readQueue(this.bus, 'retries', 100, 'job-retry');
    await readQueue(this.bus, 'timers', 100, 'timer-service');
  }

  async change(method: string, path: string, body?: unknown): Promise<void> {
    const { tenant, namespace } = this.access;
    const url = `${webUrl}/admin/v2/${path.replace('<namespace>', `${tenant}/${namespace}`)}`;
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(url, { method, ...content });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  /** What checks of these names find that is not as it should be. */
  async examine(names: readonly string[], differing: object = {}): Promise<readonly Finding[]> {
    const flags = `--pulsar ${webUrl} --inbox-partitions ${PARTITIONS}`;
    const pulsar = { access: this.access, flags, inboxPartitions: PARTITIONS, adapter: 'websocket', ...differing } as const;
    const { parts, close } = await composeParts(doctorPieces, { entries: [], pulsar, data: 'no-such-folder', url: 'http://127.0.0.1:1' });
    try {
      const chosen = checks.filter(({ name }) => names.length === 0 || names.includes(name));
      const results = await runChecks(chosen, parts);
      return results.flatMap(({ findings }) => findings).filter(({ level }) => level === 'wrong' || level === 'warning');
    } finally {
      await close();
    }
  }
}

const APPLY = /topics apply --pulsar .* --inbox-partitions 4$/;
const says = (what: RegExp, fix: RegExp, level = 'wrong'): unknown =>
  expect.objectContaining({ level, what: expect.stringMatching(what), fix: expect.stringMatching(fix), why: expect.any(String) });

describe.skipIf(missing !== '')(`the doctor on a real broker${missing}`, () => {
  const patient = new Patient();

  beforeAll(() => patient.apply());
  afterAll(() => patient.bus.close());

  it('finds no more than that nobody is connected where nobody is', async () => {
    expect(await patient.examine([])).toEqual([says(/No connector is connected/, /dev my-app\.ts --pulsar/, 'warning')]);
  });

  it('finds what waits for a reader that is not there, and nothing of it once there is one', async () => {
    await patient.bus.publish(makeMessages('retries', makeIds('r', 3)), CALL);
    const unread = says(/^retries, read by job-retry: 3 messages wait, the oldest for .*, and nobody reads/, /Start a connector/);
    expect(await patient.examine(['subscriptions'])).toEqual([unread]);
    await patient.connect();
    expect(await patient.examine(['subscriptions'])).toEqual([]);
  });

  it('finds nothing wrong where all is well', async () => {
    expect(await patient.examine([])).toEqual([]);
  });

  it('finds a topic that is missing, and its fix mends it', async () => {
    const other = new Patient();
    await other.apply();
    await other.change('DELETE', 'persistent/<namespace>/usage/partitions?force=true');
    const found = await other.examine(['topics']);
    expect(found).toEqual(expect.arrayContaining([says(/\+ the topic usage, of 1 partition/, APPLY)]));
    await other.apply();
    expect(await other.examine(['topics'])).toEqual([]);
  });

  it('finds retention and policies that were changed, and their fix mends them', async () => {
    await patient.change('POST', 'persistent/<namespace>/history/retention', { retentionTimeInMinutes: 60, retentionSizeInMB: -1 });
    await patient.change('POST', 'namespaces/<namespace>/messageTTL', 3600);
    expect(await patient.examine(['topics'])).toEqual([
      says(/the namespace: unread messages are kept/, APPLY),
      says(/the topic history: kept after being read/, APPLY),
    ]);
    await patient.apply();
    expect(await patient.examine(['topics'])).toEqual([]);
  });

  it('finds an inbox of another number of partitions, and says that it stays so', async () => {
    const found = await patient.examine(['topics'], { inboxPartitions: 8 });
    expect(found).toEqual([says(/^The topic inbox has 4 partitions and is to have 8/, /Keep the number/)]);
  });

  it('finds a reader that takes messages and does nothing with them', async () => {
    const other = new Patient();
    await other.apply();
    const reader = await readStream(other.bus, 'inbox', 100, 'orchestrator');
    await other.bus.publish(makeMessages('inbox', makeIds('m', 5)), CALL);
    // What is being handed out just now does not stand still.
    await expect.poll(() => reader.messages.length, { timeout: 30_000 }).toBe(5);
    const found = await other.examine(['subscriptions']);
    await other.bus.close();
    expect(found).toContainEqual(
      says(/^inbox, read by orchestrator: 5 messages wait on partition \d.*nothing moved/, /Look again/, 'warning'),
    );
  });

  it('finds a backlog at its quota', async () => {
    const other = new Patient();
    await other.apply();
    const quota = { limitSize: 1000, limitTime: -1, policy: 'producer_request_hold' };
    await other.change('POST', 'namespaces/<namespace>/backlogQuota?backlogQuotaType=destination_storage', quota);
    await other.bus.publish(makeMessages('retries', makeIds('q', 40)), CALL);
    const found = await other.examine(['backlog quota', 'topics']);
    await other.bus.close();
    expect(found).toEqual([
      says(/publishers wait when 107374182400 bytes/, APPLY),
      says(/^retries, partition 0: .* of 1000 B are unread, and its publishers wait/, /subscription job-retry/),
    ]);
  });

  it('finds a dead letter and what it says, and its fix empties the topic', async () => {
    const letter = {
      v: PROTOCOL_VERSION,
      topic: 'inbox',
      partition: 1,
      position: 3,
      key: 'k',
      id: 'm7',
      body: '{',
      code: 'MESSAGE_INVALID',
    };
    const body = JSON.stringify({ ...letter, message: 'It is no JSON.' });
    await patient.bus.publish([{ topic: 'dead-letters', key: 'k', id: 'dead/inbox/1/3', body }], CALL);
    const found = await patient.examine(['dead letters']);
    expect(found).toEqual([says(/dead-letters holds 1 message/, /delete-partitioned-topic -f persistent:.* topics apply/)]);
    expect(found[0]?.why).toMatch(/inbox \(partition 1, id "m7"\)\. MESSAGE_INVALID: It is no JSON/);
    await patient.change('DELETE', 'persistent/<namespace>/dead-letters/partitions?force=true');
    await patient.apply();
    expect(await patient.examine(['dead letters'])).toEqual([]);
  });

  it('finds a broker that cannot be reached, once', async () => {
    const access = { ...patient.access, webUrl: 'http://127.0.0.1:1' };
    expect(await patient.examine([], { access })).toEqual([says(/127\.0\.0\.1:1 could not be reached/, /pulsar up/)]);
  });

  it('finds a token that is not there', async () => {
    const access = { ...patient.access, tokenFile: 'no-such-token' };
    expect(await patient.examine(['credentials'], { access })).toEqual([says(/token cannot be read from no-such-token/, /setting/)]);
  });
});
