// Faults of topics, of what is in them and of where it goes: each is found by its check, with a fix.
import { describe } from 'vitest';
import { makePartition, makePulsar, NOW } from '../../../support/doctor/healthy-parts.ts';
import { expectFound, plant, pulsar, type Planted } from '../../../support/doctor/plant.ts';
import type { PartitionState, PulsarPart } from '../../../../src/cli/doctor/doctor-parts.ts';

const SETTINGS = await makePulsar().readSettings('', []);
const setTo = (key: string, value: string): Partial<PulsarPart> => ({ readSettings: () => Promise.resolve({ ...SETTINGS, [key]: value }) });
const partitions = (differing: Partial<PartitionState>): Partial<PulsarPart> => ({
  readPartitions: (topic) => Promise.resolve([makePartition(topic, differing)]),
});

const planted: readonly Planted[] = [
  plant(
    'a topic that is missing',
    pulsar({ compareTopics: () => Promise.resolve([{ text: '+ the topic timers, of 1 partition' }]) }),
    'topics',
    'wrong',
    /topic timers/,
    /topics apply shop\.ts --pulsar http:\/\/pulsar:8080 --namespace acme\/main/,
  ),
  plant(
    'an inbox with other partitions',
    pulsar({
      compareTopics: () => Promise.resolve([{ text: 'TOPIC_FIXED: The topic inbox has 8 partitions.', hint: 'Keep the number.' }]),
    }),
    'topics',
    'wrong',
    /^The topic inbox has 8/,
    /Keep the number/,
  ),
  plant(
    'a backlog near its quota',
    pulsar(partitions({ backlogBytes: 90, quotaBytes: 100 })),
    'backlog quota',
    'warning',
    /90 %/,
    /--backlog-limit/,
  ),
  plant(
    'a backlog at its quota',
    pulsar(partitions({ backlogBytes: 100, quotaBytes: 100 })),
    'backlog quota',
    'wrong',
    /publishers wait/,
    /orchestrator/,
  ),
  plant('publishers that wait', pulsar(partitions({ waitingPublishers: 2 })), 'backlog quota', 'wrong', /wait \(2\)/, /raise the quota/),
  plant(
    'a dead letter',
    pulsar({
      readStorage: () => Promise.resolve({ entries: 2, closedBytes: 0 }),
      readLast: () =>
        Promise.resolve({ body: { topic: 'inbox', partition: 4, id: 'm1', code: 'MESSAGE_INVALID', message: 'It is no JSON.' } }),
    }),
    'dead letters',
    'wrong',
    /2 messages/,
    /delete-partitioned-topic -f persistent:\/\/acme\/main\/dead-letters, and .* topics apply/,
  ),
  plant(
    'a driver and no size',
    pulsar(setTo('managedLedgerOffloadDriver', 'aws-s3')),
    'offload',
    'warning',
    /aws-s3/,
    /--offload-threshold/,
  ),
  plant(
    'an offload that failed',
    pulsar({
      readOffload: () => Promise.resolve({ driver: 'S3', thresholdBytes: 0, thresholdSeconds: undefined }),
      readPartitions: (topic) => Promise.resolve([makePartition(topic, { offloadSucceededAt: NOW - 5000, offloadFailedAt: NOW })]),
    }),
    'offload',
    'wrong',
    /history: the last offload failed/,
    /bucket/,
  ),
  plant(
    'an offload that never happens',
    pulsar({
      readOffload: () => Promise.resolve({ driver: 'S3', thresholdBytes: 100, thresholdSeconds: undefined }),
      readStorage: () => Promise.resolve({ entries: 0, closedBytes: 2048 }),
    }),
    'offload',
    'warning',
    /2 KiB could be offloaded/,
    /log of the broker/,
  ),
];

describe('the doctor, of topics', () => {
  expectFound(planted);
});
