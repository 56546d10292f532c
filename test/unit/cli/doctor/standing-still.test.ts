// Subscriptions that stand still, and those that only seem to: what waits, who reads, what to do.
import { describe, expect, it } from 'vitest';
import type { DoctorParts, SubscriptionState } from '../../../../src/cli/doctor/doctor-parts.ts';
import { judgeReading } from '../../../../src/cli/doctor/judge-reading.ts';
import { makePartition, makePulsar, makeSubscription, NOW } from '../../../support/doctor/healthy-parts.ts';
import { expectFound, plant, pulsar, type Planted } from '../../../support/doctor/plant.ts';

/** Two looks at one subscription; all others are well. */
const looks = (
  topic: string,
  name: string,
  first: Partial<SubscriptionState>,
  second: Partial<SubscriptionState> = first,
): Partial<DoctorParts> => {
  let state = first;
  return {
    // Between the looks, which lie further apart than the readings of clocks.
    pause: (ms) => {
      if (ms > 1000) state = second;
      return Promise.resolve();
    },
    pulsar: makePulsar({
      readPartitions: (asked) =>
        Promise.resolve([makePartition(asked, asked === topic ? { partition: 3, subscriptions: [makeSubscription(name, state)] } : {})]),
      listTopics: () => Promise.resolve(['inbox', 'retries', 'timers', 'history', topic]),
    }),
  };
};

const waiting = (ageMs: number, differing: Partial<SubscriptionState> = {}): Partial<SubscriptionState> => ({
  backlog: 12,
  oldestAt: NOW - ageMs,
  ...differing,
});
const blockedConsumer = [{ name: 'c', address: '/10.0.0.9:1', permits: 0, unacked: 12, isBlocked: true }];

const planted: readonly Planted[] = [
  plant(
    'messages and no reader',
    looks('inbox', 'orchestrator', waiting(9000, { consumers: [] })),
    'subscriptions',
    'wrong',
    /inbox, read by orchestrator: 12 messages wait on partition 3, the oldest for 9 s, and nobody reads/,
    /dev my-app\.ts --pulsar/,
  ),
  plant(
    'jobs and no reader',
    looks('jobs.shop.pay', 'job-manager', waiting(9000, { consumers: [] })),
    'subscriptions',
    'wrong',
    /jobs\.shop\.pay/,
    /has the app shop/,
  ),
  plant(
    'a page that is behind',
    looks('history', 'query', waiting(9000, { consumers: [] })),
    'subscriptions',
    'warning',
    /history/,
    /connector/,
  ),
  plant(
    'a subscription of somebody else',
    looks('history', 'audit', waiting(9000, { consumers: [] })),
    'subscriptions',
    'warning',
    /audit/,
    /unsubscribe -s audit/,
  ),
  plant(
    'a reader that stands still',
    looks('inbox', 'orchestrator', waiting(60_000)),
    'subscriptions',
    'wrong',
    /the oldest for 60 s, and nothing moves/,
    /End it, and another/,
  ),
  plant(
    'a reader of which nothing is known',
    looks('inbox', 'orchestrator', { backlog: 1 }),
    'subscriptions',
    'wrong',
    /1 message waits on partition 3, and nothing moves/,
    /log/,
  ),
  plant(
    'a reader that may be about to read',
    looks('inbox', 'orchestrator', waiting(4000)),
    'subscriptions',
    'warning',
    /nothing moved in 3 s/,
    /Look again/,
  ),
  plant(
    'a reader that the broker blocks',
    looks('retries', 'job-retry', waiting(400_000, { unacked: 12, consumers: blockedConsumer })),
    'subscriptions',
    'wrong',
    /delivers no more/,
    /log/,
  ),
  plant(
    'a job that does not end',
    looks('jobs.shop.pay', 'job-manager', waiting(400_000, { unacked: 12 })),
    'subscriptions',
    'warning',
    /all of it with its reader/,
    /show <run>/,
  ),
  plant(
    'messages given back again and again',
    looks('retries', 'job-retry', waiting(400_000), waiting(400_000, { delivered: 99 })),
    'subscriptions',
    'warning',
    /again and again/,
    /UPGRADE_ME/,
  ),
  plant(
    'no connector at all',
    pulsar({
      readPartitions: (topic) =>
        Promise.resolve([
          makePartition(topic, {
            subscriptions: [makeSubscription(topic === 'inbox' ? 'orchestrator' : 'timer-service', { consumers: [] })],
          }),
        ]),
    }),
    'subscriptions',
    'warning',
    /No connector is connected/,
    /dev/,
  ),
  plant(
    'partitions that nobody has taken',
    pulsar({
      readPartitions: (topic) =>
        Promise.resolve([
          makePartition(topic),
          makePartition('inbox', { partition: 5, subscriptions: [makeSubscription('orchestrator', { consumers: [] })] }),
        ]),
    }),
    'subscriptions',
    'warning',
    /inbox: nobody reads partitions? 5/,
    /log of the connectors/,
  ),
];

describe('the doctor, of subscriptions', () => {
  expectFound(planted);

  it.each([
    ['nothing waits', {}, {}, 'idle'],
    ['what waits is not due yet', { backlog: 9, delayed: 9 }, { backlog: 9, delayed: 9 }, 'idle'],
    ['less waits than before', waiting(60_000), waiting(60_000, { backlog: 11 }), 'moving'],
    ['as much waits as before, and some was acked', waiting(60_000), waiting(60_000, { ackedAt: NOW }), 'moving'],
    ['some was delivered', waiting(60_000), waiting(60_000, { delivered: 11 }), 'moving'],
    ['all that waits is in hand', waiting(60_000, { unacked: 12 }), waiting(60_000, { unacked: 12 }), 'inHand'],
  ] as const)('are well when %s', (_, first, second, reading) => {
    expect(judgeReading({ first: makeSubscription('s', first), second: makeSubscription('s', second), now: NOW })).toBe(reading);
  });
});
