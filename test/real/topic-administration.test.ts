// Topics on a real broker are made as they are defined, and nothing is lost by defining them again.
import { describe, expect, it } from 'vitest';
import { applyTopics, readPresentState } from '../../src/adapters/pulsar-admin/apply-topics.ts';
import { PulsarAdmin } from '../../src/adapters/pulsar-admin/pulsar-admin.ts';
import { jobTopic, topics } from '../../src/protocol/topics.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';

const { webUrl, missing } = findPulsar();
const TIMEOUT_MS = 30_000;
const wanted = [topics.inbox, topics.history, topics.timers, jobTopic('booking', 'book-flight')];

let namespaces = 0;
const openAdmin = (): PulsarAdmin =>
  new PulsarAdmin({ webUrl, tenant: 'administration', namespace: `n${Date.now().toString(36)}${namespaces++}` });

describe.skipIf(missing !== '')(`topic administration${missing}`, () => {
  it('applying definitions twice changes nothing the second time', async () => {
    const admin = openAdmin();
    expect((await applyTopics(admin, wanted, TIMEOUT_MS)).length).toBeGreaterThan(0);
    expect(await applyTopics(admin, wanted, TIMEOUT_MS)).toEqual([]);
    const { policies, topics: present } = await readPresentState(admin, wanted, TIMEOUT_MS);
    expect(policies).toMatchObject({
      autoCreatesTopics: false,
      deduplicates: true,
      delays: true,
      dropsInactiveTopics: false,
      ttlSeconds: 0,
      backlogQuota: { policy: 'producer_request_hold' },
    });
    expect(present.get('inbox')).toEqual({ partitions: 64, retainedForever: false, subscriptions: ['orchestrator'] });
    expect(present.get('history')).toMatchObject({ partitions: 4, retainedForever: true });
    expect(present.get('jobs.booking.book-flight')).toMatchObject({ partitions: 1, subscriptions: ['job-manager'] });
  });

  it('processes that apply at the same time do not disturb each other', async () => {
    const admin = openAdmin();
    await Promise.all(Array.from({ length: 3 }, () => applyTopics(admin, wanted, TIMEOUT_MS)));
    expect(await applyTopics(admin, wanted, TIMEOUT_MS)).toEqual([]);
  });

  it('a live inbox keeps its partitions, and nothing else is changed in the attempt', async () => {
    const admin = openAdmin();
    await applyTopics(admin, [{ ...topics.inbox, partitions: 8 }], TIMEOUT_MS);
    await expect(applyTopics(admin, wanted, TIMEOUT_MS)).rejects.toMatchObject({ code: 'TOPIC_FIXED' });
    expect(await admin.countPartitions('inbox', TIMEOUT_MS)).toBe(8);
    expect(await admin.countPartitions('history', TIMEOUT_MS)).toBeUndefined();
  });
});
