// Renders client.conf: how the tools on a node reach the brokers, for runbooks and for what registers a bookie.
import { writeWebUrl } from './addresses.ts';
import { describeClient } from './broker-sections.ts';
import { writeConf } from './conf-text.ts';
import type { ClusterDescription } from './cluster-description.ts';

/** The text of client.conf; the same on all nodes. */
export const renderClientConf = (cluster: ClusterDescription): string =>
  writeConf(`Clients of ${cluster.name}`, [describeClient(cluster, writeWebUrl(cluster))]);
