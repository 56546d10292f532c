// What every registry promises; each adapter runs this suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Registry } from '../../src/ports/registry.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { CALL, waitUntil, type Harness, type OpenHarness } from './harness.ts';

const makeManifest = (app: string, deployment: string, order: number): Manifest => ({
  v: 1,
  app,
  deployment,
  order,
  decisionFunction: `${app}-decision`,
  jobRetryFunction: `${app}-job-retry`,
  workflows: [{ name: 'book-trip' }],
  jobs: [{ name: 'book-flight', function: `${app}-book-flight`, timeoutMs: 30_000, memoryMb: 512 }],
  schedules: [{ name: 'nightly', cron: '0 2 * * *', zone: 'Europe/Paris', workflow: 'book-trip', input: { trip: 1 }, overlap: 'skip' }],
});

const sortManifests = (manifests: readonly Manifest[]): readonly Manifest[] =>
  manifests.toSorted((a, b) => a.app.localeCompare(b.app) || a.deployment.localeCompare(b.deployment));

/**
 * Runs the registry suite on an adapter.
 *
 * @param name - names the adapter in the report
 * @param open - opens it for one test
 */
export const describeRegistry = (name: string, open: OpenHarness<Registry>): void => {
  describe(`registry: ${name}`, () => {
    let harness: Harness<Registry>;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    it('lists what was put, deployment by deployment', async () => {
      const manifests = [makeManifest('booking', 'd1', 1), makeManifest('booking', 'd2/ü', 2), makeManifest('travel', 'd1', 1)];
      for (const manifest of manifests) await harness.port.put(manifest, CALL);
      expect(sortManifests(await harness.port.list(CALL))).toEqual(sortManifests(manifests));
    });

    it('lists the schemas of what is offered as they were put, however many and large', async () => {
      const fields = Array.from({ length: 400 }, (_, at) => [
        `field-${(at * 7919 + 104_729).toString(36)}`,
        { type: 'string', minLength: at },
      ]);
      const inputSchema = { type: 'object', properties: Object.fromEntries(fields), required: ['field-2'], additionalProperties: false };
      const manifest: Manifest = {
        ...makeManifest('booking', 'd1', 1),
        workflows: Array.from({ length: 10 }, (_, at) => ({
          name: `w${at}`,
          inputSchema: { ...inputSchema, title: `the input of w${at}` },
        })),
        signals: [{ name: 'approved', valueSchema: { $ref: '#/$defs/yes', $defs: { yes: { const: true } } } }, { name: 'hurry' }],
      };
      await harness.port.put(manifest, CALL);
      expect(await harness.port.list(CALL)).toEqual([manifest]);
    });

    it('a deployment put again is replaced', async () => {
      await harness.port.put(makeManifest('booking', 'd1', 1), CALL);
      await harness.port.put(makeManifest('booking', 'd1', 7), CALL);
      expect(await harness.port.list(CALL)).toEqual([makeManifest('booking', 'd1', 7)]);
    });

    it('a watcher is told of what is added or replaced from then on, until it stops', async () => {
      await harness.port.put(makeManifest('booking', 'before', 1), CALL);
      const seen: Manifest[] = [];
      const stop = harness.port.watch((manifest) => seen.push(manifest));
      await harness.port.put(makeManifest('booking', 'd1', 2), CALL);
      await harness.port.put(makeManifest('booking', 'd1', 3), CALL);
      await harness.passTime(120_000);
      await waitUntil(() => seen.some(({ order }) => order === 3), 'the watcher is told');
      expect(seen.every(({ deployment }) => deployment === 'd1')).toBe(true);
      stop();
      const told = seen.length;
      await harness.port.put(makeManifest('booking', 'd2', 4), CALL);
      await harness.passTime(120_000);
      expect(seen.length).toBe(told);
    });

    it('manifests are there when the registry is opened again', async (test) => {
      if (harness.reopen === undefined) return test.skip();
      await harness.port.put(makeManifest('booking', 'd1', 1), CALL);
      await harness.reopen();
      expect(await harness.port.list(CALL)).toEqual([makeManifest('booking', 'd1', 1)]);
    });
  });
};
