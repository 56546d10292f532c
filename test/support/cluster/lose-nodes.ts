// Puts a synthesized cluster under load and takes nodes away from it, one after another, never to come back while runs go on.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeRole, SynthesizedCluster } from './start-synthesized.ts';
import type { UnitProcess } from './unit-process.ts';

/** What goes on while nodes are lost. */
export interface LossScene {
  readonly connectors: readonly { kill(): Promise<void> }[];
  readonly load: {
    readonly bookingEnds: readonly number[];
    sendWord(): Promise<void>;
    waitForBookings(count: number): Promise<void>;
  };
  /** Says that it begins. */
  readonly strike: () => void;
}

/** Bookings that are to end between two losses. */
const BETWEEN = 20;

/** All that runs on a node. */
export const listParts = ({ parts }: SynthesizedCluster, node: string): readonly NodeRole[] =>
  parts.filter(({ placed }) => placed.node.name === node);

/** Kills these nodes, each when bookings have gone on without the one before, and then a connector. */
export const loseNodes = async (
  cluster: SynthesizedCluster,
  nodes: readonly string[],
  { connectors, load, strike }: LossScene,
): Promise<void> => {
  strike();
  for (const node of nodes) {
    await Promise.all(listParts(cluster, node).map((part) => part.process.kill()));
    await load.waitForBookings(load.bookingEnds.length + BETWEEN);
  }
  await load.sendWord();
  await connectors[0]?.kill();
};

/** Replaces a bookie by one whose disks are empty, and waits until it does its work. @returns what runs now */
export const replaceBookie = async (cluster: SynthesizedCluster, node: string): Promise<UnitProcess> => {
  const bookie = listParts(cluster, node).find(({ role }) => role === 'bookie');
  if (bookie === undefined) throw new Error(`${node} has no bookie.`);
  await bookie.process.kill();
  for (const name of ['journal', 'ledgers']) await rm(join(bookie.placed.folder, name), { recursive: true, force: true });
  await bookie.process.start();
  return bookie.process;
};
