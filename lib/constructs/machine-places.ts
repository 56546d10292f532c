// What machines need of the other parts of a platform, so that no stack has to know another's class.
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IPrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { MachineGroups } from './machine-security.ts';

/** The network that machines are in. */
export interface NetworkPlace {
  readonly vpc: IVpc;
  readonly groups: MachineGroups;
  readonly zone: IPrivateHostedZone;
}

/** What machines keep outside of themselves. */
export interface StatePlace {
  readonly runs: ITableV2;
  readonly timers: ITableV2;
  /** Data keys of tenants, wrapped by `key`. */
  readonly keys: ITableV2;
  /** Large values and archives. */
  readonly bucket: IBucket;
  /** Closed ledgers. */
  readonly offload: IBucket;
  /** Where the distribution and the connector come from. */
  readonly artefacts: IBucket;
  /** Wraps the data keys of tenants. */
  readonly key: IKey;
  /** Encrypts tables and buckets. */
  readonly storageKey: IKey;
}

/** What connectors need of Pulsar. */
export interface PulsarPlace {
  /** Of all brokers, for administration, as in `https://brokers.starquake.internal:8443`. */
  readonly webServiceUrl: string;
  /** Of all brokers, for messages, as in `pulsar+ssl://brokers.starquake.internal:6651`. */
  readonly brokerUrl: string;
  /** The token of connectors, and the authority to trust. */
  readonly connectorSecret: ISecret;
}
