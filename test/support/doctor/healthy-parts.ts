// The parts of an engine that is well, for tests that plant one fault at a time.
import type { DoctorParts, PartitionState, PulsarPart, SubscriptionState } from '../../../src/cli/doctor/doctor-parts.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { findFirstReader } from '../../../src/adapters/pulsar-admin/plan-topics.ts';
import { watchedSettings } from '../../../src/platform/broker-settings.ts';
import { topics } from '../../../src/protocol/topics.ts';

/** Noon of some day. */
export const NOW = 1_800_000_000_000;

/** A subscription that is read and has nothing waiting. */
export const makeSubscription = (name: string, differing: Partial<SubscriptionState> = {}): SubscriptionState => ({
  name,
  backlog: 0,
  backlogBytes: 0,
  delayed: 0,
  unacked: 0,
  isBlocked: false,
  oldestAt: undefined,
  delivered: 10,
  ackedAt: NOW - 1000,
  consumers: [{ name: `${name}-1`, address: '/10.0.0.7:4711', permits: 100, unacked: 0, isBlocked: false }],
  ...differing,
});

/** A partition that is well. */
export const makePartition = (topic: string, differing: Partial<PartitionState> = {}): PartitionState => {
  const reader = findFirstReader(topic);
  return {
    topic,
    partition: 0,
    storedBytes: 1000,
    backlogBytes: 0,
    quotaBytes: 100 * 1024 ** 3,
    waitingPublishers: 0,
    offloadedBytes: 0,
    offloadSucceededAt: 0,
    offloadFailedAt: 0,
    subscriptions: reader === undefined ? [] : [makeSubscription(reader)],
    ...differing,
  };
};

const SETTINGS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(watchedSettings.map(({ key, value }) => [key, String(value)])),
  managedLedgerOffloadDriver: '',
};

/** A Pulsar that is well. */
export const makePulsar = (differing: Partial<PulsarPart> = {}): PulsarPart => ({
  place: {
    webUrl: 'http://pulsar:8080',
    tenant: 'acme',
    namespace: 'main',
    flags: '--pulsar http://pulsar:8080 --namespace acme/main',
    adapter: 'websocket',
  },
  reach: () => Promise.resolve(),
  findBrokerUrl: () => Promise.resolve('pulsar://pulsar:6650'),
  connect: () => Promise.resolve(),
  loadNativeClient: () => Promise.resolve(),
  ask: () => Promise.resolve({ status: 200, version: '4.0.8', servedAt: NOW }),
  readHealth: () => Promise.resolve('ok'),
  listBrokers: () => Promise.resolve(['http://pulsar:8080']),
  readSettings: () => Promise.resolve(SETTINGS),
  offersWebSocket: () => Promise.resolve(true),
  hasNamespace: () => Promise.resolve(true),
  compareTopics: () => Promise.resolve([]),
  listTopics: () => Promise.resolve(Object.values(topics).map(({ name }) => name)),
  readPartitions: (topic) => Promise.resolve([makePartition(topic)]),
  readStorage: () => Promise.resolve({ entries: 0, closedBytes: 0 }),
  readLast: () => Promise.resolve(undefined),
  readOffload: () => Promise.resolve({ driver: undefined, thresholdBytes: -1, thresholdSeconds: -1 }),
  ...differing,
});

const REPORT = { requestId: '1', durationMs: 1, billedMs: 1, memoryMb: 256, initMs: 0, coldStart: false, source: 'report' } as const;

/** All parts, all well. */
export const makeParts = (differing: Partial<DoctorParts> = {}): DoctorParts => ({
  pulsar: makePulsar(),
  inboxPartitions: 64,
  functions: {
    invoke: (name) => {
      const answer = name.includes('decision') ? { runs: [] } : name.includes('retry') ? { verdicts: [] } : { fire: [], early: [] };
      return Promise.resolve({ kind: 'answered', payload: JSON.stringify(answer), report: REPORT });
    },
  },
  listApps: () =>
    Promise.resolve([
      {
        entry: 'shop.ts',
        manifest: {
          v: PROTOCOL_VERSION,
          app: 'shop',
          deployment: 'd1',
          order: 1,
          decisionFunction: 'shop.decision',
          jobRetryFunction: 'shop.job-retry',
          workflows: [{ name: 'order' }],
          jobs: [{ name: 'pay', function: 'shop.jobs', timeoutMs: 1000, memoryMb: 256 }],
          schedules: [],
        },
      },
    ]),
  data: {
    folder: 'data',
    read: () => Promise.resolve({ exists: true, holder: undefined, closed: [], freeBytes: 50 * 1024 ** 3, totalBytes: 100 * 1024 ** 3 }),
  },
  api: { url: 'http://127.0.0.1:4400', check: () => Promise.resolve() },
  now: () => NOW,
  pause: () => Promise.resolve(),
  ...differing,
});
