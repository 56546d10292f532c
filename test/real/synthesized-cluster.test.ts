// What was synthesized is booted: the rendered files of each size, as real processes, lose nodes while bookings go on, and everything finishes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { findMissingParts } from '../support/cluster/find-missing-parts.ts';
import { loseNodes, replaceBookie } from '../support/cluster/lose-nodes.ts';
import { startSynthesizedSize } from '../support/cluster/start-synthesized-size.ts';
import type { SynthesizedCluster } from '../support/cluster/start-synthesized.ts';
import { findTransport } from '../support/connector-process/open-bus.ts';
import { leaveConsumer } from './cluster/leave-consumer.ts';
import { playFault, type PlayedFault } from './cluster/play-fault.ts';
import { scrapeMetrics } from './cluster/scrape-metrics.ts';

const missing = await findMissingParts(findPulsar().missing);
const PLAY_TIMEOUT_MS = 900_000;
const STOP_TIMEOUT_MS = 60_000;
const SEEN_TIMEOUT_MS = 30_000;
/** Some pings. */
const GONE_TIMEOUT_MS = 90_000;
const LOOK_MS = 500;

const transport = await findTransport();

const losses: Readonly<Record<'production' | 'small' | 'dev', readonly string[]>> = {
  /** One of each role. */
  production: ['zookeeper-1', 'bookie-1', 'broker-1'],
  /** Each does everything: one of three. */
  small: ['node-1'],
  /** There is one, and nothing to lose. */
  dev: [],
};
/** Of those, the ones with a bookie. */
const lostBookies = { production: ['bookie-1'], small: losses.small, dev: [] };

describe.skipIf(missing !== '').each(['production', 'small', 'dev'] as const)(
  `the cluster of %s, as it was synthesized${missing}`,
  (size) => {
    let cluster: SynthesizedCluster | undefined;
    let played: PlayedFault | undefined;
    let offloaded = 0;

    beforeAll(async () => {
      const began = performance.now();
      const started = await startSynthesizedSize(size, `faults/${size}`);
      cluster = started;
      const startSeconds = Math.round((performance.now() - began) / 1000);
      played = await playFault(started, transport, size, {
        name: `${size} loses ${losses[size].join(', ') || 'nothing'}`,
        connectors: 2,
        after: 20,
        losesEntries: true,
        size: { bookings: 50, errands: 10, naps: [1500, 6000, 13_000] },
        inflict: (scene) => loseNodes(started, losses[size], losses[size].length === 0 ? { ...scene, connectors: [] } : scene),
      });
      offloaded = (await started.s3.countObjects()).objects;
      process.stdout.write(`${JSON.stringify({ startSeconds, offloaded, ...played.figures })}\n`);
      for (const [text, count] of played.wrong.length > 0 ? played.troubles : []) process.stdout.write(`${count} x ${text}\n`);
    }, PLAY_TIMEOUT_MS);

    afterAll(() => cluster?.stop(), STOP_TIMEOUT_MS);

    it('loses nodes and a connector where it has others, and every run ends once, with the right result', () => {
      expect(played?.wrong).toEqual([]);
    });

    it('has moved closed ledgers to S3 meanwhile', () => {
      expect(offloaded).toBeGreaterThan(0);
    });

    it.runIf(size !== 'dev')(
      'tells every measurement that alarms are made of',
      async () => {
        const running = cluster;
        if (running === undefined) throw new Error('There is no cluster.');
        // The bookie that counts for all may be the one that was lost: another one takes that over when its session is.
        await expect.poll(() => scrapeMetrics(running), { timeout: GONE_TIMEOUT_MS, interval: LOOK_MS }).toEqual([]);
      },
      GONE_TIMEOUT_MS + STOP_TIMEOUT_MS,
    );

    it.runIf(size === 'small')(
      'lets go of a consumer over WebSocket whose process left before it was answered',
      async () => {
        if (cluster === undefined) throw new Error('There is no cluster.');
        const left = await leaveConsumer(cluster, `faults/${size}`);
        await expect.poll(() => left.isThere(), { timeout: SEEN_TIMEOUT_MS, interval: LOOK_MS }).toBe(true);
        await expect.poll(() => left.isThere(), { timeout: GONE_TIMEOUT_MS, interval: LOOK_MS }).toBe(false);
      },
      SEEN_TIMEOUT_MS + GONE_TIMEOUT_MS + STOP_TIMEOUT_MS,
    );

    it.each(lostBookies[size])(
      'takes a bookie with empty disks in place of that of %s, which was lost',
      async (node) => {
        if (cluster === undefined) throw new Error('There is no cluster.');
        const bookie = await replaceBookie(cluster, node);
        expect(bookie.isRunning).toBe(true);
      },
      STOP_TIMEOUT_MS * 5,
    );
  },
);
