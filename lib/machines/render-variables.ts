// Says what a machine is told about itself and the platform: the variables of its scripts and of its connector.
import { findMemory } from '../pulsar-config/size-memory.ts';
import { nameDomain, nameFunctionPrefix, nameRegistry, nameTablePrefix } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';
import type { PlannedNode } from './plan-nodes.ts';
import { isMeasured } from './render-agent.ts';
import { listZookeepers, type Variables } from './render-start.ts';

/** What only the account knows: all values may be tokens. */
export interface Surroundings {
  readonly artefactBucket: string;
  readonly offloadBucket: string;
  readonly valueBucket: string;
  /** Wraps the data keys of tenants. */
  readonly keyArn: string;
}

/** Secrets that a machine reads, as ARNs; one that it does not read is not named to it. */
export interface SecretNames {
  readonly authority?: string;
  readonly tls?: string;
  readonly tokens?: string;
  readonly connector?: string;
}

/** What machines run. */
export interface Runs {
  readonly runsPulsar: boolean;
  readonly runsConnector: boolean;
}

/** Stands for what a machine has not. */
const NONE = 'none';

/** The variables that every script reads. */
export const listVariables = (
  settings: Settings,
  nodes: readonly PlannedNode[],
  { artefactBucket, offloadBucket }: Surroundings,
  secrets: SecretNames,
  { runsPulsar, runsConnector }: Runs,
): Variables => {
  const { pulsar, offloaders, connector } = settings.artefacts;
  return {
    STARQUAKE_NAME: settings.name,
    STARQUAKE_REGION: settings.region,
    STARQUAKE_DOMAIN: nameDomain(settings),
    STARQUAKE_ZOOKEEPERS: listZookeepers(nodes),
    STARQUAKE_MEASURES: isMeasured(settings) ? 'yes' : 'no',
    STARQUAKE_ARTEFACTS: artefactBucket,
    STARQUAKE_OFFLOAD_BUCKET: offloadBucket,
    // What a machine does not run is not named to it: a release of that is no new template, so nothing is replaced for it.
    STARQUAKE_PULSAR_VERSION: runsPulsar ? pulsar.version : NONE,
    STARQUAKE_PULSAR_SHA256: runsPulsar ? pulsar.sha256 : NONE,
    STARQUAKE_OFFLOADERS_VERSION: runsPulsar ? offloaders.version : NONE,
    STARQUAKE_OFFLOADERS_SHA256: runsPulsar ? offloaders.sha256 : NONE,
    STARQUAKE_CONNECTOR_VERSION: runsConnector ? connector.version : NONE,
    STARQUAKE_CONNECTOR_SHA256: runsConnector ? connector.sha256 : NONE,
    STARQUAKE_SECRET_AUTHORITY: secrets.authority ?? NONE,
    STARQUAKE_SECRET_TLS: secrets.tls ?? NONE,
    STARQUAKE_SECRET_TOKENS: secrets.tokens ?? NONE,
    STARQUAKE_SECRET_CONNECTOR: secrets.connector ?? NONE,
  };
};

/** Of a machine's memory, what a connector beside Pulsar may have. */
const SHARE_BESIDE_PULSAR = 0.15;

/** Where all brokers are reached together. */
export interface BrokerUrls {
  readonly webServiceUrl: string;
  readonly brokerUrl: string;
}

/**
 * The settings of a connector, as docs/settings.md lists them.
 *
 * @param besidePulsar - the type of instance that it shares; undefined where it is alone
 */
export const listConnectorVariables = (
  settings: Settings,
  { valueBucket, keyArn }: Surroundings,
  { webServiceUrl, brokerUrl }: BrokerUrls,
  besidePulsar?: string,
): Variables => ({
  AWS_REGION: settings.region,
  NODE_ENV: 'production',
  STARQUAKE_PULSAR_URL: webServiceUrl,
  STARQUAKE_PULSAR_BROKER_URL: brokerUrl,
  STARQUAKE_PULSAR_ADAPTER: 'native',
  STARQUAKE_PULSAR_NAMESPACE: settings.namespace,
  STARQUAKE_PULSAR_TOKEN_FILE: '/etc/starquake/secrets/connector.token',
  STARQUAKE_PULSAR_TLS_CA_FILE: '/etc/starquake/secrets/ca.pem',
  STARQUAKE_INBOX_PARTITIONS: String(settings.inboxPartitions),
  STARQUAKE_OFFLOAD_THRESHOLD: `${Math.round(settings.offloadAfterGib * 1024)}MiB`,
  STARQUAKE_TABLE_PREFIX: nameTablePrefix(settings),
  STARQUAKE_BUCKET: valueBucket,
  STARQUAKE_REGISTRY: `ssm:${nameRegistry(settings)}`,
  STARQUAKE_FUNCTION_PREFIX: nameFunctionPrefix(settings),
  STARQUAKE_EPOCH: String(settings.epoch),
  STARQUAKE_HEALTH_HOST: '127.0.0.1',
  // The way to KMS is there in production only: elsewhere nothing is sealed beyond what is encrypted at rest.
  ...(settings.size === 'production' && { STARQUAKE_KEYS: `kms:${keyArn}` }),
  ...(besidePulsar !== undefined && { STARQUAKE_MEMORY_MB: String(Math.floor(findMemory(besidePulsar) * SHARE_BESIDE_PULSAR)) }),
});
