// The registry on Systems Manager keeps the registry contract, on a server that stands in for it.
import { afterAll, describe, expect, it } from 'vitest';
import { openSsmRegistry, type SsmRegistry } from '../../src/adapters/ssm/ssm-registry.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';
import { findSsm } from '../support/ssm/start-ssm.ts';
import { describeRegistry } from './describe-registry.ts';
import { CALL, makeName, waitUntil, type Harness } from './harness.ts';

const ssm = await findSsm();

/** Long enough for a look over loopback that was just begun; what a look finds is waited for by the tests themselves. */
const quiet = (registry: SsmRegistry): Promise<unknown> => registry.list(CALL);

const openHarness = async (): Promise<Harness<SsmRegistry>> => {
  const { client } = ssm;
  const clock = makeVirtualClock();
  const folder = `/${makeName('starquake')}/manifests`;
  const open = (): SsmRegistry => openSsmRegistry({ clock, folder, client, report: () => undefined });
  let registry = open();
  return {
    get port() {
      return registry;
    },
    clock,
    passTime: async (ms) => {
      clock.advance(ms);
      await quiet(registry);
    },
    quiet: async () => void (await quiet(registry)),
    reopen: async () => {
      registry.close();
      registry = open();
    },
    close: async () => registry.close(),
  };
};

afterAll(() => ssm.stop());

describe.skipIf(ssm.missing !== '')(`on what stands in for Systems Manager${ssm.missing}`, () => {
  describeRegistry('ssm', openHarness);

  describe('registry: ssm, by two', () => {
    const makeManifest = (workflows: number) => ({
      v: 1,
      app: 'booking',
      deployment: 'd1',
      order: 1,
      decisionFunction: 'booking.decision@d1',
      jobRetryFunction: 'booking.job-retry@d1',
      // Hashes do not compress: this one needs several parameters.
      workflows: Array.from({ length: workflows }, (_, at) => ({ name: `w${at}-${(at * 7919 + 104_729).toString(36)}` })),
      jobs: [],
      schedules: [],
    });

    it('what one puts, small or large or small again, the other one is told of', async () => {
      const clock = makeVirtualClock();
      const folder = `/${makeName('starquake')}/manifests`;
      const reports: unknown[] = [];
      const open = () =>
        openSsmRegistry({ clock, folder, client: ssm.client, report: (error) => void reports.push(error), random: () => 0 });
      const [here, there] = [open(), open()];
      const told: number[] = [];
      await here.list(CALL);
      here.watch(({ workflows }) => void told.push(workflows.length));
      for (const size of [1, 2_000, 2]) {
        await there.put(makeManifest(size), CALL);
        await waitUntil(() => {
          // It may not have begun to wait for its next look when time first moves on.
          clock.advance(10_000);
          return told.at(-1) === size || reports.length > 0;
        }, `the other one is told of ${size} workflows`);
      }
      expect(told).toEqual([1, 2_000, 2]);
      expect(reports).toEqual([]);
      here.close();
      there.close();
    });
  });
});
