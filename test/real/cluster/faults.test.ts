// Faults on a real cluster of several processes: every run ends once, with the right result, and nothing is lost, whatever is killed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../support/cluster/start-cluster.ts';
import { findTransport, type Transport } from '../../support/connector-process/open-bus.ts';
import { findPulsar } from '../../contract/pulsar-harness.ts';
import { faults } from './faults.ts';
import { playFault } from './play-fault.ts';

const { missing } = findPulsar();
const START_TIMEOUT_MS = 400_000;
const FAULT_TIMEOUT_MS = 300_000;

describe.skipIf(missing !== '')(`faults on a cluster${missing}`, () => {
  let cluster: Cluster | undefined;
  let transport: Transport = 'websocket';

  beforeAll(async () => {
    [cluster, transport] = [await startCluster(), await findTransport()];
  }, START_TIMEOUT_MS);

  afterAll(() => cluster?.stop(), START_TIMEOUT_MS);

  it.each(faults.map((fault, index) => [fault.name, fault, index] as const))(
    '%s: every run ends once, with the right result',
    async (_, fault, index) => {
      if (cluster === undefined) throw new Error('There is no cluster.');
      const { figures, wrong, troubles } = await playFault(cluster, transport, `fault-${index}`, fault);
      process.stdout.write(`${JSON.stringify(figures)}\n`);
      for (const [text, count] of wrong.length > 0 ? troubles : []) process.stdout.write(`${count} x ${text}\n`);
      expect(wrong).toEqual([]);
    },
    FAULT_TIMEOUT_MS,
  );
});
