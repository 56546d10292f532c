// What is done so that topics are as defined: planned without a broker.
import { describe, expect, it } from 'vitest';
import {
  defaultNamespaceSettings,
  describeChange,
  planTopics,
  type NamespacePolicies,
  type PresentState,
  type PresentTopic,
} from '../../src/adapters/pulsar-admin/plan-topics.ts';
import { jobTopic, topics, type TopicDefinition } from '../../src/protocol/topics.ts';

const kept: NamespacePolicies = {
  autoCreatesTopics: false,
  deduplicates: true,
  delays: true,
  dropsInactiveTopics: false,
  ttlSeconds: 0,
  backlogQuota: { limitBytes: defaultNamespaceSettings.backlogLimitBytes, policy: 'producer_request_hold' },
  offloadThresholdBytes: undefined,
};

const makeState = (present: Readonly<Record<string, PresentTopic>>, policies: NamespacePolicies = kept): PresentState => ({
  tenantExists: true,
  policies,
  topics: new Map(Object.entries(present)),
});

const plan = (state: PresentState, ...wanted: readonly TopicDefinition[]): readonly string[] =>
  planTopics(state, wanted).map((change) => describeChange(change));

const inbox: PresentTopic = { partitions: 64, retainedForever: false, subscriptions: ['orchestrator'] };

describe('planning topics', () => {
  it('nothing is done where all is as defined', () => {
    expect(plan(makeState({ inbox }), topics.inbox)).toEqual([]);
  });

  it('an empty Pulsar gets tenant, namespace, policies and topics, in this order', () => {
    const empty: PresentState = { tenantExists: false, policies: undefined, topics: new Map() };
    expect(plan(empty, topics.inbox, topics.history)).toEqual([
      '+ the tenant',
      '+ the namespace',
      '~ the namespace: topics are made on purpose only',
      '~ the namespace: the broker drops what a client sends twice',
      '~ the namespace: messages may be delayed',
      '~ the namespace: topics that nobody uses are kept',
      '~ the namespace: unread messages are kept, however old',
      '~ the namespace: publishers wait when 107374182400 bytes of a topic are unread',
      '+ the topic inbox, of 64 partitions',
      '+ the subscription orchestrator of inbox',
      '+ the topic history, of 4 partitions',
      '~ the topic history: kept after being read',
    ]);
  });

  it('a queue has its reader from the beginning on, so that what comes before the reader is kept', () => {
    expect(plan(makeState({}), jobTopic('booking', 'book-flight'))).toEqual([
      '+ the topic jobs.booking.book-flight, of 1 partition',
      '+ the subscription job-manager of jobs.booking.book-flight',
    ]);
  });

  it('a policy that would drop unread messages is set right', () => {
    const dropping = { ...kept, backlogQuota: { limitBytes: 1, policy: 'consumer_backlog_eviction' }, ttlSeconds: 60 };
    expect(plan(makeState({ inbox }, dropping), topics.inbox)).toEqual([
      '~ the namespace: unread messages are kept, however old',
      '~ the namespace: publishers wait when 107374182400 bytes of a topic are unread',
    ]);
  });

  it('a stream is not given another number of partitions', () => {
    const state = makeState({ inbox: { ...inbox, partitions: 32 } });
    expect(() => planTopics(state, [topics.inbox])).toThrow(
      expect.objectContaining({ code: 'TOPIC_FIXED', message: expect.stringContaining('one run would have two owners') }),
    );
  });

  it('a queue is given more partitions, and none are taken away', () => {
    const queue = { ...jobTopic('booking', 'book-flight'), partitions: 4 };
    const present = (partitions: number): PresentState =>
      makeState({ [queue.name]: { partitions, retainedForever: false, subscriptions: ['job-manager'] } });
    expect(plan(present(1), queue)).toEqual(['~ the topic jobs.booking.book-flight: 4 partitions']);
    expect(() => planTopics(present(8), [queue])).toThrow(expect.objectContaining({ code: 'TOPIC_FIXED' }));
  });

  it('the offload threshold is set where one is chosen', () => {
    const settings = { ...defaultNamespaceSettings, offloadThresholdBytes: 1000 };
    expect(planTopics(makeState({ inbox }), [topics.inbox], settings)).toEqual([{ kind: 'setOffloadThreshold', bytes: 1000 }]);
  });
});
