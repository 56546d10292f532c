// Shares the memory of a machine out over what runs on it.
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import type { ProcessMemory, Role } from './cluster-description.ts';

/** GiB of a `large` of the arm64 families. */
const families: readonly { readonly pattern: RegExp; readonly largeGib: number }[] = [
  { pattern: /^c\d+g[a-z]*$/, largeGib: 4 },
  { pattern: /^(m\d+g[a-z]*|t\d+g|im4gn)$/, largeGib: 8 },
  { pattern: /^is4gen$/, largeGib: 12 },
  { pattern: /^(r\d+g[a-z]*|i\d+g[a-z]*)$/, largeGib: 16 },
];
const smallSizes: Readonly<Record<string, number>> = { nano: 1 / 16, micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1, xlarge: 2 };
const MIB_PER_GIB = 1024;

/**
 * Memory of an instance type, MiB.
 *
 * @throws SETTINGS_INVALID for one that is not known: its processes could not be given their shares
 * @example
 * findMemory('m7g.xlarge'); // 16384
 */
export const findMemory = (instanceType: string): number => {
  const [family = '', size = ''] = instanceType.split('.');
  const largeGib = families.find(({ pattern }) => pattern.test(family))?.largeGib;
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  const larges = times === undefined ? smallSizes[size] : 2 * Number(times);
  if (largeGib !== undefined && larges !== undefined) return largeGib * larges * MIB_PER_GIB;
  throw new StarquakeError('SETTINGS_INVALID', `The memory of the instance type ${instanceType} is not known.`, {
    hint: 'Take an arm64 type of the families t, m, c, r, i, im or is, in a size up to a number of xlarge, not metal.',
  });
};

/** Parts of a machine's memory. */
interface Share {
  readonly heap: number;
  readonly direct: number;
}

/** What is left is for the operating system, its cache of files, what Java needs beside, and the connector where it runs too. */
const alone: Readonly<Record<Role, Share>> = {
  zookeeper: { heap: 0.4, direct: 0.05 },
  bookie: { heap: 0.25, direct: 0.3 },
  broker: { heap: 0.3, direct: 0.4 },
  proxy: { heap: 0.25, direct: 0.4 },
  // A connector runs beside it.
  standalone: { heap: 0.2, direct: 0.25 },
};

/** All on one machine, with a connector. */
const together: Readonly<Partial<Record<Role, Share>>> = {
  zookeeper: { heap: 0.05, direct: 0.01 },
  bookie: { heap: 0.08, direct: 0.12 },
  broker: { heap: 0.11, direct: 0.14 },
};

/**
 * Memory of each process of a machine.
 *
 * @param roles - all that run on it
 * @throws SETTINGS_INVALID for an instance type that is not known
 */
export const shareMemory = (instanceType: string, roles: readonly Role[]): Readonly<Partial<Record<Role, ProcessMemory>>> => {
  const memoryMib = findMemory(instanceType);
  return Object.fromEntries(
    roles.map((role) => {
      const { heap, direct } = (roles.length > 1 ? together[role] : undefined) ?? alone[role];
      return [role, { heapMib: Math.floor(memoryMib * heap), directMib: Math.floor(memoryMib * direct) }];
    }),
  );
};
