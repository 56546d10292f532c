// What stands and waits costs as well: machines, disks, the network between them, measurements and keys.
import Big from 'big.js';
import { pricePart, type CostPart } from './cost-part.ts';
import { readFigure } from './read-figure.ts';
import { findInstanceType } from './instance-types.ts';
import { measureTraffic } from './measure-traffic.ts';
import type { Fleet, FleetMachines } from './plan-fleet.ts';
import { countAllInvocations } from './price-functions.ts';
import { ROOT_GIB } from './size-shapes.ts';
import { MONTH, type Workload } from './workload.ts';

const GB = new Big('0.000000001');

const names: Readonly<Record<FleetMachines['role'], string>> = {
  node: 'Machines that do everything',
  zookeeper: 'ZooKeeper',
  bookie: 'Bookies',
  broker: 'Brokers',
  connector: 'Connectors',
};

const add = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const countMachines = ({ machines }: Fleet): number => add(machines.map(({ count }) => count));

/** Prices machines and disks. */
export const priceMachines = (fleet: Fleet): readonly CostPart[] => {
  const data = add(fleet.machines.map(({ count, volumes }) => count * add(volumes.map(({ gib }) => gib))));
  const roots = countMachines(fleet) * ROOT_GIB;
  return [
    ...fleet.machines.map(({ role, instanceType, count }) =>
      pricePart(
        'machines',
        `${names[role]}: ${count} ${instanceType}`,
        findInstanceType(instanceType).price,
        new Big(count).times(MONTH.hours),
      ),
    ),
    pricePart('machines', 'Disks (EBS gp3)', 'ebs.gp3', new Big(data + roots)),
    pricePart('machines', 'Snapshots of the data disks', 'ebs.snapshot', readFigure('snapshotShare').times(data)),
  ];
};

/**
 * Bytes that leave a zone: to the broker, from there to each bookie, and on to whoever reads. Of a cluster in one zone, none.
 */
const measureCrossing = ({ shape }: Fleet, workload: Workload): Big => {
  if (shape.zones === 1) return new Big(0);
  const hops = 2 + shape.writeQuorum;
  return measureTraffic(workload).bytes.times(hops).times(readFigure('crossingShare'));
};

/** Prices endpoints, and what goes through them and between zones. */
export const priceNetwork = (fleet: Fleet, workload: Workload): readonly CostPart[] => {
  const zoneHours = add(fleet.shape.endpoints.map(({ zones }) => zones)) * MONTH.hours;
  const { steps, timers, failures, valueBytes } = measureTraffic(workload);
  const grown = valueBytes.minus(readFigure('measuredValueBytes')).times(readFigure('valuesPerStep'));
  const calls = steps.plus(timers).plus(failures).times(readFigure('functionBytesPerStep').plus(grown));
  return [
    pricePart('network', 'Endpoints of AWS services', 'endpoint.hour', new Big(zoneHours)),
    pricePart('network', 'Through the endpoints', 'endpoint.data', calls.times(GB)),
    pricePart('network', 'Between zones', 'transfer.zone', measureCrossing(fleet, workload).times(GB)),
  ];
};

/** Prices logs, measurements and alarms. */
export const priceWatching = (fleet: Fleet, workload: Workload): readonly CostPart[] => {
  const machines = countMachines(fleet);
  const logs = workload.functionLogs ? countAllInvocations(workload, fleet.connectors).times(readFigure('logBytes')).times(GB) : new Big(0);
  const measured = fleet.shape.isMeasured ? machines : 0;
  return [
    pricePart('watching', "Logs: Lambda's own lines", 'logs.ingest', logs),
    pricePart('watching', 'Logs: kept 30 days', 'logs.storage', logs),
    pricePart('watching', 'Measurements', 'cloudwatch.metric', measured === 0 ? new Big(0) : readFigure('metrics')),
    // An agent sends once a minute.
    pricePart('watching', 'Sending them', 'cloudwatch.request', new Big(measured).times(MONTH.hours).times(60)),
    pricePart('watching', 'Alarms', 'cloudwatch.alarm', readFigure('alarms')),
    pricePart('watching', 'Dashboard', 'cloudwatch.dashboard', new Big(1)),
  ];
};

/** Prices keys, secrets and names. */
export const priceKeys = (fleet: Fleet): readonly CostPart[] => [
  pricePart('keys', 'Keys (KMS)', 'kms.key', readFigure('keys')),
  pricePart('keys', 'Use of them', 'kms.request', readFigure('kmsRequestsPerMachine').times(countMachines(fleet))),
  pricePart('keys', 'Secrets', 'secrets.secret', readFigure('secrets')),
  pricePart('keys', 'Private names (Route 53)', 'route53.zone', new Big(1)),
];
