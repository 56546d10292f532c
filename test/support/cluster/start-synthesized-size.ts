// Starts the cluster of a size, from the files that its nodes are given.
import { describeCluster } from '../../../lib/pulsar-config/describe-cluster.ts';
import { renderNode } from '../../../lib/pulsar-config/render-node.ts';
import { settingsSchema, type Size } from '../../../lib/settings/settings.ts';
import { startSynthesized, type SynthesizedCluster } from './start-synthesized.ts';

/** Starts it, with everything else as it is unless given. @param namespace - with its tenant @throws Error when a part does not come up */
export const startSynthesizedSize = (size: Size, namespace: string): Promise<SynthesizedCluster> => {
  const cluster = describeCluster(settingsSchema.parse({ size, namespace }), { offloadBucket: 'history' });
  return startSynthesized({ cluster, listFiles: (node) => renderNode(cluster, node), namespace });
};
