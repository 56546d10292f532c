// Renders proxy.conf: the way in for clients of Pulsar from outside of the network.
import { writeBrokerUrl, writeWebUrl } from './addresses.ts';
import { describeAuthentication, describeOwnClient, describeTls } from './broker-sections.ts';
import { writeConf } from './conf-text.ts';
import type { ClusterDescription, NodeDescription } from './cluster-description.ts';
import { places, ports, secretFiles } from './places.ts';

/** The text of proxy.conf. */
export const renderProxyConf = (cluster: ClusterDescription, { name, host }: NodeDescription): string =>
  writeConf(`The proxy ${name} of ${cluster.name}`, [
    {
      about: 'The brokers behind it; it needs nothing of the metadata.',
      settings: {
        clusterName: cluster.name,
        brokerServiceURLTLS: writeBrokerUrl(cluster),
        brokerWebServiceURLTLS: writeWebUrl(cluster),
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
        webSocketServiceEnabled: false,
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
