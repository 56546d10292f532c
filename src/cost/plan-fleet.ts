// How many machines of each kind a size needs for a load, with room for the loss of one, and whether the size can take it at all.
import Big from 'big.js';
import { readFigure } from './read-figure.ts';
import { findInstanceType } from './instance-types.ts';
import { measureTraffic } from './measure-traffic.ts';
import { sizeShapes, type MachineShape, type SizeName, type SizeShape } from './size-shapes.ts';
import { countRunsPerSecond, MONTH, type Workload } from './workload.ts';

/** Machines of a kind, as many as are needed. */
export interface FleetMachines extends MachineShape {
  readonly count: number;
}

/** The machines of a platform. */
export interface Fleet {
  readonly size: SizeName;
  readonly shape: SizeShape;
  readonly machines: readonly FleetMachines[];
  /** Processes of the connector: one on each machine of the two smaller sizes. */
  readonly connectors: number;
  /** Steps a second that it takes for good, and for a while; absent where it grows with the load. */
  readonly limit?: { readonly steady: Big; readonly peak: Big };
  /** Whether it can take the load. */
  readonly holds: boolean;
}

/** Milliseconds of processor that a step takes of a connector that calls AWS. */
const connectorMs = (): Big => readFigure('connectorCpuMs').times(readFigure('awsCallsFactor'));

const ceil = (value: Big): number => Number(value.round(0, Big.roundUp).toFixed());

/** Steps a second of machines that do everything. */
const limitNodes = (shape: SizeShape, { instanceType, count }: MachineShape): { readonly steady: Big; readonly peak: Big } => {
  const { vcpus, baseline } = findInstanceType(instanceType);
  const stepMs = connectorMs().plus(readFigure('brokerCpuMs').times(shape.writeQuorum));
  const perProcessor = readFigure('busyShare').times(1000).div(stepMs);
  const left = shape.survivesLoss ? count - 1 : count;
  return { steady: perProcessor.times(vcpus).times(baseline).times(count), peak: perProcessor.times(vcpus).times(left) };
};

/** Machines of one role that carry the peak when one of them is lost. */
const countMachines = ({ role, instanceType, count }: MachineShape, { writeQuorum }: SizeShape, workload: Workload): number => {
  const { vcpus } = findInstanceType(instanceType);
  const traffic = measureTraffic(workload);
  const perSecond = (monthly: Big): Big => monthly.div(MONTH.seconds).times(workload.peakFactor);
  const withSpare = (...needs: readonly Big[]): number => Math.max(count, ...needs.map((need) => ceil(need) + 1));
  const [messages, bytes] = [perSecond(traffic.messages), perSecond(traffic.bytes)];
  if (role === 'broker')
    return withSpare(messages.div(readFigure('entriesPerBrokerCpu').times(vcpus)), bytes.div(readFigure('bytesPerBrokerCpu').times(vcpus)));
  if (role === 'bookie') {
    const [entries, data] = [readFigure('entriesPerBookieCpu').times(vcpus), readFigure('bytesPerBookieCpu').times(vcpus)];
    return withSpare(messages.times(writeQuorum).div(entries), bytes.times(writeQuorum).div(data));
  }
  // One process of one thread: a second processor is for its network and its garbage.
  if (role === 'connector') return withSpare(perSecond(traffic.attempts).times(connectorMs()).div(readFigure('busyShare').times(1000)));
  return count;
};

/**
 * Plans the machines of a size.
 *
 * @example
 * planFleet('small', { ...defaultWorkload, runsPerMonth: new Big(1_000_000) }).holds; // true
 */
export const planFleet = (size: SizeName, workload: Workload): Fleet => {
  const shape: SizeShape = sizeShapes[size];
  const machines = shape.machines.map((machine) => ({ ...machine, count: countMachines(machine, shape, workload) }));
  const countOf = (role: MachineShape['role']): number => machines.find((machine) => machine.role === role)?.count ?? 0;
  const [node] = machines.filter(({ role }) => role === 'node');
  if (node === undefined) return { size, shape, machines, connectors: countOf('connector'), holds: true };
  const limit = limitNodes(shape, node);
  const steps = countRunsPerSecond(workload).times(workload.steps).times(workload.retryShare.plus(1));
  const holds = steps.lte(limit.steady) && steps.times(workload.peakFactor).lte(limit.peak);
  return { size, shape, machines, connectors: node.count, limit, holds };
};
