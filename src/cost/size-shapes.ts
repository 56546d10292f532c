// What each size of a platform is made of, as data: the settings' defaults, the endpoints of the network and the cost model come from here.

/** One kind of disk that a machine has beside its root. */
export interface VolumeShape {
  readonly storage: 'standalone' | 'zookeeper' | 'journal' | 'ledgers';
  readonly gib: number;
}

/** Machines that do the same. */
export interface MachineShape {
  /** What they do; a machine of the two smaller sizes does everything. */
  readonly role: 'node' | 'zookeeper' | 'bookie' | 'broker' | 'connector';
  readonly instanceType: string;
  /** As many as there are at least. */
  readonly count: number;
  readonly volumes: readonly VolumeShape[];
}

/** A way to a service of AWS from inside of the network, billed for each zone that it is in. */
export interface EndpointShape {
  readonly service: 'lambda' | 'ssm' | 'ssmmessages' | 'ec2' | 'secretsmanager' | 'logs' | 'monitoring' | 'kms' | 'cloudformation';
  readonly zones: number;
}

/** One size. */
export interface SizeShape {
  readonly machines: readonly MachineShape[];
  readonly endpoints: readonly EndpointShape[];
  /** Zones that machines are in. */
  readonly zones: number;
  /** Bookies that each message is written to. */
  readonly writeQuorum: number;
  /** Whether it goes on when a machine is lost. */
  readonly survivesLoss: boolean;
  /** Whether machines send measurements to CloudWatch. */
  readonly isMeasured: boolean;
}

/** Root volume of every machine, GiB. */
export const ROOT_GIB = 16;

const inZones = (zones: number, ...services: readonly EndpointShape['service'][]): readonly EndpointShape[] =>
  services.map((service) => ({ service, zones }));

/** The sizes, from the smallest. */
export const sizeShapes = {
  dev: {
    machines: [{ role: 'node', instanceType: 't4g.medium', count: 1, volumes: [{ storage: 'standalone', gib: 20 }] }],
    endpoints: inZones(1, 'lambda', 'ssm', 'ssmmessages', 'ec2', 'secretsmanager'),
    zones: 1,
    writeQuorum: 1,
    survivesLoss: false,
    isMeasured: false,
  },
  small: {
    machines: [
      {
        role: 'node',
        instanceType: 't4g.large',
        count: 3,
        volumes: [
          { storage: 'zookeeper', gib: 4 },
          { storage: 'journal', gib: 10 },
          { storage: 'ledgers', gib: 60 },
        ],
      },
    ],
    // Those that a running platform calls are in every zone; the rest is for machines that start and for who looks at them.
    endpoints: [...inZones(3, 'lambda', 'ssm'), ...inZones(1, 'ssmmessages', 'ec2', 'secretsmanager', 'logs', 'monitoring')],
    zones: 3,
    writeQuorum: 2,
    survivesLoss: true,
    isMeasured: true,
  },
  production: {
    machines: [
      { role: 'zookeeper', instanceType: 't4g.medium', count: 3, volumes: [{ storage: 'zookeeper', gib: 20 }] },
      // Journal and ledgers are on the machine's own NVMe: of this type on two parts of one disk, whose throughput they share.
      { role: 'bookie', instanceType: 'im4gn.large', count: 4, volumes: [] },
      { role: 'broker', instanceType: 'm7g.large', count: 3, volumes: [] },
      { role: 'connector', instanceType: 'c7g.large', count: 2, volumes: [] },
    ],
    // CloudFormation is told by connectors that an update goes well, which can wait for a zone.
    endpoints: [
      ...inZones(3, 'lambda', 'ssm', 'ssmmessages', 'ec2', 'secretsmanager', 'logs', 'monitoring', 'kms'),
      ...inZones(1, 'cloudformation'),
    ],
    zones: 3,
    writeQuorum: 3,
    survivesLoss: true,
    isMeasured: true,
  },
} as const satisfies Readonly<Record<string, SizeShape>>;

/** Name of a size. */
export type SizeName = keyof typeof sizeShapes;

/** Names of the sizes, from the smallest. */
export const sizeNames = ['dev', 'small', 'production'] as const satisfies readonly SizeName[];
