// Renders proxy.conf: the way in for clients of Pulsar from outside of the network.
import { writeMetadataUrl } from './addresses.ts';
import { describeAuthentication, describeOwnClient, describeTls } from './broker-sections.ts';
import { writeConf } from './conf-text.ts';
import type { ClusterDescription, NodeDescription } from './cluster-description.ts';
import { places, ports, secretFiles } from './places.ts';

/** The text of proxy.conf. */
export const renderProxyConf = (cluster: ClusterDescription, { name, host }: NodeDescription): string => {
  const metadataUrl = writeMetadataUrl(cluster);
  return writeConf(`The proxy ${name} of ${cluster.name}`, [
    {
      about: 'Brokers are found where they register: a list of them is refused, and WebSocket asks there who may read and write.',
      settings: {
        clusterName: cluster.name,
        metadataStoreUrl: metadataUrl,
        configurationMetadataStoreUrl: metadataUrl,
        brokerProxyAllowedTargetPorts: ports.broker,
        tlsEnabledWithBroker: true,
      },
    },
    {
      about: 'Others come by TLS only. The port without it is for what runs on the node itself: no security group lets anybody else in.',
      settings: {
        advertisedAddress: host,
        bindAddress: '0.0.0.0',
        servicePort: '',
        servicePortTls: ports.broker,
        webServicePort: ports.localWeb,
        webServicePortTls: ports.web,
        webSocketServiceEnabled: true,
      },
    },
    { about: 'Taken away before the node is: load balancers then send nobody here.', settings: { statusFilePath: places.status } },
    describeAuthentication(cluster),
    {
      about: 'What a client may do is decided by the brokers, who get its token.',
      settings: { forwardAuthorizationCredentials: true, authenticateMetricsEndpoint: false },
    },
    describeTls(),
    describeOwnClient(secretFiles.proxyToken),
  ]);
};
