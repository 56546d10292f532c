// Takes the few nodes of a platform that a test needs: what is left is rendered and booted as the whole would be.
import type { ClusterDescription, CopyCounts } from '../../../lib/pulsar-config/cluster-description.ts';
import { describeCluster } from '../../../lib/pulsar-config/describe-cluster.ts';
import { renderNode } from '../../../lib/pulsar-config/render-node.ts';
import { readSettings } from '../../../lib/settings/read-settings.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import type { Synthesized } from '../cluster/start-synthesized.ts';

/** Some nodes of `production`. */
export interface FewNodes {
  readonly names: readonly string[];
  /** So many copies as there are bookies for. */
  readonly copies: CopyCounts;
}

/** Those nodes, with what they follow from. */
export interface Few {
  readonly settings: Settings;
  readonly synthesized: Synthesized;
}

/** Describes a `production` of these nodes alone. @param namespace - with its tenant */
export const takeFewNodes = (namespace: string, { names, copies }: FewNodes): Few => {
  const settings = readSettings({ size: 'production', namespace, production: { proxies: { instanceType: 'c7g.large', count: 1 } } });
  const whole = describeCluster(settings, { offloadBucket: 'history' });
  const nodes = whole.nodes.filter(({ name }) => names.includes(name));
  const racks = Math.min(whole.racks, copies.write);
  const cluster: ClusterDescription = { ...whole, nodes, copies, racks };
  return { settings, synthesized: { cluster, listFiles: (node) => renderNode(cluster, node), namespace } };
};
