// Puts a synthesized cluster under load and takes nodes away from it, one after another, never to come back while runs go on.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';
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
/** It holds little here. */
const FILL_TIMEOUT_MS = 180_000;

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

/** How often a bookie has found that it lacks what it should hold, and how often it had fetched all of it. */
const countFills = async ({ placed }: NodeRole): Promise<{ readonly begun: number; readonly ended: number }> => {
  const log = await readFile(join(placed.folder, 'logs', 'bookie.log'), 'utf8');
  return { begun: log.split('PREBOOT_START').length - 1, ended: log.split('CLEAR_INTEGCHECK_FLAG').length - 1 };
};

/**
 * Replaces a bookie by one whose disks are empty, and waits until it has fetched what it should hold: it is up, and answers, long before.
 *
 * @returns what runs now
 */
export const replaceBookie = async (cluster: SynthesizedCluster, node: string): Promise<UnitProcess> => {
  const bookie = listParts(cluster, node).find(({ role }) => role === 'bookie');
  if (bookie === undefined) throw new Error(`${node} has no bookie.`);
  await bookie.process.kill();
  for (const name of ['journal', 'ledgers']) await rm(join(bookie.placed.folder, name), { recursive: true, force: true });
  const before = await countFills(bookie);
  await bookie.process.start();
  const isFull = async (): Promise<boolean> => {
    const { begun, ended } = await countFills(bookie);
    return begun > before.begun && ended > before.ended;
  };
  await waitFor(`${node} has fetched what it should hold`, isFull, FILL_TIMEOUT_MS);
  return bookie.process;
};
