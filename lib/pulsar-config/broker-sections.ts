// The parts of a broker's settings that brokers, proxies and a standalone broker share.
import { writeBrokerUrl } from './addresses.ts';
import type { ConfSection } from './conf-text.ts';
import type { ClusterDescription, NodeDescription, OffloadDescription, ProcessMemory } from './cluster-description.ts';
import { listNodes } from './cluster-description.ts';
import { places, ports, secretFiles, tokenRoles } from './places.ts';

const TOKEN_PROVIDER = 'org.apache.pulsar.broker.authentication.AuthenticationProviderToken';
const TOKEN_PLUGIN = 'org.apache.pulsar.client.impl.auth.AuthenticationToken';
const PROTOCOLS = 'TLSv1.3,TLSv1.2';

/** Ports and names of a broker. */
export const describeListening = ({ host }: NodeDescription): readonly ConfSection[] => [
  {
    about: 'Its name stays with it when the machine is replaced.',
    settings: { advertisedAddress: host, bindAddress: '0.0.0.0' },
  },
  {
    about: 'Others come by TLS only. The port without it is for what runs on the node itself: no security group lets anybody else in.',
    settings: { brokerServicePort: '', brokerServicePortTls: ports.broker, webServicePort: ports.localWeb, webServicePortTls: ports.web },
  },
  { about: 'Taken away before the node is: load balancers then send nobody here.', settings: { statusFilePath: places.status } },
];

/** How TLS is spoken; a certificate may be renewed in place. */
export const describeTls = (): ConfSection => ({
  about: 'Certificates are read again when their files change. The provider is the one that there is on every kind of processor.',
  settings: {
    tlsCertificateFilePath: secretFiles.certificate,
    tlsKeyFilePath: secretFiles.key,
    tlsTrustCertsFilePath: secretFiles.authority,
    tlsCertRefreshCheckDurationSec: 300,
    tlsAllowInsecureConnection: false,
    tlsHostnameVerificationEnabled: true,
    tlsProtocols: PROTOCOLS,
    webServiceTlsProtocols: PROTOCOLS,
    webServiceTlsProvider: 'SunJSSE',
  },
});

/** Who may come in. */
export const describeAuthentication = ({ superUserRoles }: ClusterDescription): ConfSection => ({
  about: 'Nobody comes in without a token that was signed with the private half of this key.',
  settings: {
    authenticationEnabled: true,
    authenticationProviders: TOKEN_PROVIDER,
    tokenPublicKey: `file://${secretFiles.tokenPublicKey}`,
    authorizationEnabled: true,
    superUserRoles: superUserRoles.join(','),
  },
});

/** How brokers, or proxies, are clients of brokers. */
export const describeOwnClient = (tokenFile: string): ConfSection => ({
  about: 'A client of brokers itself, by TLS and with a token of its own.',
  settings: {
    brokerClientAuthenticationPlugin: TOKEN_PLUGIN,
    brokerClientAuthenticationParameters: `file://${tokenFile}`,
    brokerClientTrustCertsFilePath: secretFiles.authority,
  },
});

/** How proxies are let in, where there are any. */
export const describeProxies = (cluster: ClusterDescription): readonly ConfSection[] =>
  listNodes(cluster, 'proxy').length === 0
    ? []
    : [
        {
          about: 'A proxy may only do what the client behind it may, whose token it hands on.',
          settings: { proxyRoles: tokenRoles.proxy, authenticateOriginalAuthData: true },
        },
      ];

/** Where closed ledgers go. */
export const describeOffload = ({ driver, bucket, region, endpoint, thresholdBytes }: OffloadDescription): readonly ConfSection[] => [
  {
    about: 'Closed ledgers of what is kept go to S3; the bookies let go of theirs four hours later, and are read from until then.',
    settings: {
      offloadersDirectory: `${places.home}/offloaders`,
      managedLedgerOffloadDriver: driver,
      managedLedgerOffloadAutoTriggerSizeThresholdBytes: thresholdBytes,
      managedLedgerOffloadDeletionLagMs: 14_400_000,
      managedLedgerDataReadPriority: 'bookkeeper-first',
      ...(driver === 'aws-s3'
        ? {
            s3ManagedLedgerOffloadBucket: bucket,
            s3ManagedLedgerOffloadRegion: region,
            s3ManagedLedgerOffloadServiceEndpoint: endpoint,
          }
        : { managedLedgerOffloadBucket: bucket, managedLedgerOffloadRegion: region, managedLedgerOffloadServiceEndpoint: endpoint }),
    },
  },
  {
    about: 'A ledger is closed by these, so that also a quiet topic goes to S3 within an hour.',
    settings: {
      managedLedgerMaxEntriesPerLedger: 50_000,
      managedLedgerMaxSizePerLedgerMbytes: 1024,
      managedLedgerMinLedgerRolloverTimeMinutes: 10,
      managedLedgerMaxLedgerRolloverTimeMinutes: 60,
    },
  },
];

/** What is kept of a topic, and of where its readers are. */
export const describeLedgers = (memory: ProcessMemory | undefined): readonly ConfSection[] => [
  {
    about: 'Acks around messages that are still out; beyond these, acked messages come again after a restart.',
    settings: { managedLedgerMaxUnackedRangesToPersist: 200_000, managedLedgerMaxBatchDeletedIndexToPersist: 200_000 },
  },
  {
    about: 'Metadata takes a fraction of its size.',
    settings: { managedLedgerInfoCompressionType: 'LZ4', managedCursorInfoCompressionType: 'LZ4' },
  },
  ...(memory === undefined
    ? []
    : [
        {
          about: 'What was just written is read from memory: a fifth of that outside of the heap.',
          settings: { managedLedgerCacheSizeMB: Math.floor(memory.directMib / 5) },
        },
      ]),
];

/** What nobody uses here, or nobody may. */
export const describeOff = (): ConfSection => ({
  about: 'Not used here.',
  settings: {
    functionsWorkerEnabled: false,
    transactionCoordinatorEnabled: false,
    enableNonPersistentTopics: true,
    disableHttpDebugMethods: true,
    forceDeleteTenantAllowed: false,
    forceDeleteNamespaceAllowed: false,
  },
});

/** What waits to be read, and what was read. */
export const describeBacklog = ({ keptMib }: ClusterDescription): readonly ConfSection[] => [
  {
    about: 'Publishers wait when too much of a topic is unread: the one policy that loses nothing.',
    settings: { backlogQuotaDefaultRetentionPolicy: 'producer_request_hold', ttlDurationDefaultInSeconds: 0 },
  },
  {
    about: 'Without a limit of age (this one is ten years) brokers do not measure how old the oldest unread message is.',
    settings: { backlogQuotaDefaultLimitSecond: 315_360_000, preciseTimeBasedBacklogQuotaCheck: true },
  },
  {
    about:
      'So much of what was read stays, MiB of each partition: after a restore of the tables, cursors are set back to the same moment.\nBy size alone: a time would have to be longer than the limit of age above, or brokers do not start.',
    settings: { defaultRetentionTimeInMinutes: -1, defaultRetentionSizeInMB: keptMib },
  },
];

/** What metrics there are. */
export const describeMetrics = (): ConfSection => ({
  about: 'Figures of each topic, which alarms are made of.',
  settings: { exposeTopicLevelMetricsInPrometheus: true, exposeConsumerLevelMetricsInPrometheus: false },
});

/** Settings of a client's file. */
export const describeClient = (cluster: ClusterDescription, webUrl: string): ConfSection => ({
  settings: {
    webServiceUrl: webUrl,
    brokerServiceUrl: writeBrokerUrl(cluster),
    authPlugin: TOKEN_PLUGIN,
    authParams: `file://${secretFiles.adminToken}`,
    tlsAllowInsecureConnection: false,
    tlsEnableHostnameVerification: true,
    tlsTrustCertsFilePath: secretFiles.authority,
  },
});
