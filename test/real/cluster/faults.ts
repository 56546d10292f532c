// The faults that a cluster and its connectors are put through.
import { findOwner } from '../../support/cluster/share-bundles.ts';
import type { Fault, Scene } from './play-fault.ts';
import type { LoadSize } from './load.ts';

/** Timers of all three kinds: held by the timer-service, delayed on the bus, kept in the timer store. */
const size: LoadSize = { bookings: 500, errands: 40, naps: [1500, 6000, 13_000] };
/** Timers that are on the bus, delayed, when the broker goes. */
const delayed: LoadSize = { bookings: 500, errands: 100, naps: [9000] };
const AFTER = 50;
const FROZEN_MS = 28_000;
const DOWN_MS = 1000;

const restartTimersBroker = async ({ cluster, stage, load, strike, pause }: Scene, how: 'kill' | 'stop'): Promise<void> => {
  const owner = await findOwner(cluster.webUrl, `${stage.namespace}/timers-partition-0`, cluster.brokers);
  strike();
  await owner.process[how]();
  await load.sendWord();
  await pause(DOWN_MS);
  await owner.process.start();
};

/** All of them, by what they prove. */
export const faults: readonly Fault[] = [
  {
    name: 'a broker is killed, and comes back',
    connectors: 2,
    after: AFTER,
    size,
    inflict: async ({ cluster, stage, load, strike, pause }) => {
      const owner = await findOwner(cluster.webUrl, `${stage.namespace}/inbox-partition-0`, cluster.brokers);
      strike();
      await owner.process.kill();
      await load.sendWord();
      await pause(DOWN_MS);
      await owner.process.start();
    },
  },
  {
    name: 'a bookie is killed, and comes back',
    connectors: 2,
    after: AFTER,
    size,
    inflict: async ({ cluster, load, strike, pause }) => {
      strike();
      await cluster.bookies[0]?.kill();
      await load.sendWord();
      await pause(5 * DOWN_MS);
      await cluster.bookies[0]?.start();
    },
  },
  {
    name: 'a connector that owns partitions is killed while another stands by',
    losesEntries: true,
    connectors: 2,
    after: AFTER,
    size,
    inflict: async ({ connectors, load, strike }) => {
      strike();
      await connectors[0]?.kill();
      await load.sendWord();
    },
  },
  {
    name: 'a connector stands still, is replaced, and comes back as a zombie owner',
    connectors: 2,
    after: AFTER,
    size,
    inflict: async ({ connectors, load, strike, pause }) => {
      strike();
      connectors[0]?.freeze();
      await load.sendWord();
      await pause(FROZEN_MS);
      connectors[0]?.thaw();
    },
  },
  {
    name: 'the broker of the timers is restarted with delayed messages pending',
    connectors: 2,
    after: AFTER,
    size: delayed,
    inflict: (scene) => restartTimersBroker(scene, 'stop'),
  },
  {
    name: 'the broker of the timers is killed with delayed messages pending',
    connectors: 2,
    after: AFTER,
    size: delayed,
    inflict: (scene) => restartTimersBroker(scene, 'kill'),
  },
  {
    name: 'a connector is added and another removed under load',
    connectors: 1,
    after: AFTER,
    size,
    inflict: async ({ stage, connectors, load, strike }) => {
      strike();
      await stage.addConnector();
      await load.sendWord();
      await connectors[0]?.stop();
    },
  },
];
