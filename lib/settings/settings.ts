// What an operator says of a platform: one file, `starquake.config.ts`, checked before anything is synthesized.
import { z } from 'zod';

/** How large a platform is: one instance, three that do everything, or one group of machines for each role. */
export const sizes = ['dev', 'small', 'production'] as const;
/** One of the sizes. */
export type Size = (typeof sizes)[number];

const artefactSchema = z.strictObject({
  /** Names the object in the bucket, as in `apache-pulsar-4.0.8-bin.tar.gz` under `pulsar/4.0.8/`. */
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]*$/),
  /** SHA-256 of the object, in hexadecimal; a node that reads anything else does not start. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const machineSchema = z.strictObject({
  /** As in `m7g.large`; all machines are arm64. */
  instanceType: z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/),
  count: z.int().positive(),
});

const volumeSchema = z.int().min(1).max(16_384);

/** What `dev` has: one machine with a standalone broker and the connector. */
const devSchema = z.strictObject({
  instanceType: machineSchema.shape.instanceType.default('t4g.medium'),
  /** Of the broker's data, GiB. */
  dataGib: volumeSchema.default(20),
});

/**
 * What `small` has: three machines that do everything, each with three volumes.
 *
 * About 250 dollars a month, on demand in us-east-1, list prices of 2026-07-20, 730 hours: 3 t4g.large at 0.0672/h are 147.17; volumes
 * (16 root + 4 + 10 + 60 GiB on each) at 0.08 are 21.60; endpoints (lambda and ssm in three zones, five more in one) at 0.01/h are
 * 80.30: 249.07 before what moves. A steady load beyond 30 % of the processors wants m7g.large: 31.54 more.
 */
const smallSchema = z.strictObject({
  instanceType: machineSchema.shape.instanceType.default('t4g.large'),
  /** Of ZooKeeper's log and snapshots, GiB. */
  zookeeperGib: volumeSchema.default(4),
  /** Of the bookie's journal, GiB. */
  journalGib: volumeSchema.default(10),
  /** Of the bookie's ledgers, GiB; what is offloaded to S3 is not counted. */
  ledgersGib: volumeSchema.default(60),
});

const scalingSchema = z
  .strictObject({
    instanceType: machineSchema.shape.instanceType,
    least: z.int().positive(),
    most: z.int().positive(),
  })
  .refine(({ least, most }) => least <= most, { message: '`least` must not be more than `most`', path: ['least'] });

const zoneSchema = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'must be a zone, as in us-east-1a');

/** What only `production` has: a group of machines for each role. */
const productionSchema = z.strictObject({
  /** An odd number: of three, one may be lost, of five two. */
  zookeepers: machineSchema
    .extend({
      count: z
        .int()
        .min(3)
        .max(7)
        .refine((count) => count % 2 === 1, 'must be odd: an even one survives no more'),
    })
    .prefault({ instanceType: 't4g.medium', count: 3 }),
  /** Of ZooKeeper's log and snapshots, GiB. */
  zookeeperGib: volumeSchema.default(20),
  /** Four or more: with three, a third copy could not be written once one is gone. On a type with one disk, journal and ledgers share it. */
  bookies: machineSchema.extend({ count: z.int().min(4) }).prefault({ instanceType: 'im4gn.large', count: 4 }),
  brokers: machineSchema.prefault({ instanceType: 'm7g.large', count: 3 }),
  connectors: scalingSchema.prefault({ instanceType: 'c7g.large', least: 2, most: 10 }),
  /** A proxy and a network load balancer for clients of Pulsar outside of the network; they get no public address. */
  proxies: machineSchema
    .extend({
      /** Where they may come from, as CIDR; nobody comes in unless given. */
      from: z.array(z.cidrv4()).default([]),
    })
    .optional(),
});

/** CloudWatch keeps logs for so many days and no other. */
const LOG_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** The schema of the settings file. */
export const settingsSchema = z.strictObject({
  /** Stands before the name of everything: several platforms may live in one account. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/, 'must be 2 to 20 lowercase letters, digits and dashes')
    .default('starquake'),
  size: z.enum(sizes).default('dev'),
  /** All stacks are in it. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, as in us-east-1')
    .default('us-east-1'),
  /** Where machines are, three; a, b and c of the region unless given. Never looked up. */
  availabilityZones: z.tuple([zoneSchema, zoneSchema, zoneSchema]).optional(),
  /** Addresses of the network, as CIDR. */
  cidr: z.cidrv4().default('10.77.0.0/16'),
  /** Tenant and namespace of the engine's topics. */
  namespace: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .default('starquake/main'),
  /** Partitions of `inbox`, fixed for the life of a namespace. */
  inboxPartitions: z.int().positive().max(1024).default(64),
  /** Raised by one when the platform is restored from a backup. */
  epoch: z.int().nonnegative().default(0),
  /** Where the machines take Pulsar and the connector from. */
  artefacts: z
    .strictObject({
      /** Bucket that holds them; `<name>-artefacts-<account>-<region>` unless given. */
      bucket: z.string().optional(),
      pulsar: artefactSchema.prefault({ version: '4.0.8', sha256: '0'.repeat(64) }),
      offloaders: artefactSchema.prefault({ version: '4.0.8', sha256: '0'.repeat(64) }),
      connector: artefactSchema.prefault({ version: '0.1.0', sha256: '0'.repeat(64) }),
    })
    .prefault({}),
  /** How long things are kept, days. */
  retention: z
    .strictObject({
      logs: z
        .int()
        .refine((days) => LOG_DAYS.includes(days), `must be a number of days that CloudWatch keeps logs for: ${LOG_DAYS.join(', ')}`)
        .default(30),
      /** Longer than the longest run. */
      payloads: z.int().positive().default(400),
      /** Archives are kept for ever when it is absent. */
      archives: z.int().positive().optional(),
      /** Of `history` and `usage`, the read side's source; for ever when absent. */
      topics: z.int().positive().optional(),
    })
    .prefault({}),
  /** Size of one partition on the bookies from which on its closed ledgers go to S3, GiB; what all partitions have must fit the disks. */
  offloadAfterGib: z.number().nonnegative().default(0.1),
  alarms: z
    .strictObject({
      /** Who is told, by mail; an alarm without anybody to tell is still seen in CloudWatch. */
      email: z.email().optional(),
      /** Where alarms say that their sections are read: a URL of your own copy, or the path in this repository. */
      runbook: z.string().default('docs/runbook.md'),
    })
    .prefault({}),
  cost: z
    .strictObject({
      /** US dollars a month; alarms at 80 % and at 100 %, forecast too. */
      monthlyBudget: z.number().positive().optional(),
    })
    .prefault({}),
  dev: devSchema.prefault({}),
  small: smallSchema.prefault({}),
  production: productionSchema.prefault({}),
});

/** Settings as they are written. */
export type SettingsInput = z.input<typeof settingsSchema>;
/** Settings as the stacks read them: everything has a value. */
export type Settings = z.output<typeof settingsSchema>;
