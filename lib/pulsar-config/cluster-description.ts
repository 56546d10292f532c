// What a cluster is, as plain data: everything that stands in a file of a node follows from it.

/** What a process of a node does. */
export type Role = 'zookeeper' | 'bookie' | 'broker' | 'proxy' | 'standalone';

/** Memory of one process, MiB. */
export interface ProcessMemory {
  readonly heapMib: number;
  /** Outside of the heap: buffers of the network, and caches of bookies and brokers. */
  readonly directMib: number;
}

/** One machine. */
export interface NodeDescription {
  /** Of all its life, also across replacements of the machine, as in `bookie-1`. */
  readonly name: string;
  /** What others reach it by, as in `bookie-1.starquake.internal`; its certificate is made out to it. */
  readonly host: string;
  /** Its availability zone; a rack to bookies and brokers. */
  readonly zone: string;
  /** What runs on it, in the order of starting, with its memory. */
  readonly processes: Readonly<Partial<Record<Role, ProcessMemory>>>;
}

/** Where closed ledgers go. */
export interface OffloadDescription {
  /** `aws-s3` is S3 itself, by the instance's own role; `S3` is anything like it, at an endpoint. */
  readonly driver: 'aws-s3' | 'S3';
  readonly bucket: string;
  readonly region: string;
  /** As in `https://s3.us-east-1.amazonaws.com`. */
  readonly endpoint: string;
  /** Size of a topic on the bookies from which on its oldest closed ledgers go, bytes; 0 is at once. */
  readonly thresholdBytes: number;
}

/** How many copies of an entry there are. */
export interface CopyCounts {
  /** Bookies that a ledger is spread over. */
  readonly ensemble: number;
  /** Bookies that an entry is written to. */
  readonly write: number;
  /** Bookies that have it on disk before it is answered. */
  readonly ack: number;
}

/** One cluster. */
export interface ClusterDescription {
  /** As Pulsar knows it, and as its metadata is laid down: fixed for its life. */
  readonly name: string;
  readonly nodes: readonly NodeDescription[];
  readonly copies: CopyCounts;
  /** Racks that copies of an entry must be in, or it is not written; 1 where there is one. */
  readonly racks: number;
  /** Of a new namespace, fixed for its life unless they are split. */
  readonly bundles: number;
  readonly offload: OffloadDescription;
  /** What stays of a partition after it was read, MiB, so that it can be read again. */
  readonly keptMib: number;
  /** Roles that may do everything. */
  readonly superUserRoles: readonly string[];
}

/** A file of a node. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** Nodes on which a process of the role runs, in their order. */
export const listNodes = (cluster: ClusterDescription, role: Role): readonly NodeDescription[] =>
  cluster.nodes.filter(({ processes }) => processes[role] !== undefined);

/** What runs on a node, in the order of starting. */
export const listRoles = (node: NodeDescription): readonly Role[] =>
  (['zookeeper', 'bookie', 'broker', 'proxy', 'standalone'] as const).filter((role) => node.processes[role] !== undefined);
