// Every setting that is rendered is one that the distribution knows: in its own file, or in the class that reads it.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeCluster } from '../../lib/pulsar-config/describe-cluster.ts';
import { renderNode } from '../../lib/pulsar-config/render-node.ts';
import { settingsSchema, sizes } from '../../lib/settings/settings.ts';
import { findDistribution } from '../../src/adapters/pulsar-local/find-distribution.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { differences } from '../support/cluster/loopback-nodes.ts';
import { readClassTexts } from '../support/cluster/read-jar-texts.ts';

const { missing } = findPulsar();

const BROKER = ['org.apache.pulsar-pulsar-broker-common', 'org/apache/pulsar/broker/ServiceConfiguration'] as const;
const BOOKIE = 'org.apache.bookkeeper-bookkeeper-server';
const bookieClasses = [
  'conf/ServerConfiguration',
  'conf/AbstractConfiguration',
  'conf/ClientConfiguration',
  'bookie/storage/ldb/DbLedgerStorage',
].map((name) => [BOOKIE, `org/apache/bookkeeper/${name}`] as const);
const METRICS = [
  'org.apache.bookkeeper.stats-prometheus-metrics-provider',
  'org/apache/bookkeeper/stats/prometheus/PrometheusMetricsProvider',
] as const;
const rocks = [BOOKIE, 'org/apache/bookkeeper/bookie/storage/ldb/KeyValueStorageRocksDB'] as const;
const offload = ['org.apache.pulsar-pulsar-common', 'org/apache/pulsar/common/policies/data/OffloadPoliciesImpl'] as const;

/** Who reads a file, beside the file of its name that the distribution comes with. */
const readers: Readonly<Record<string, readonly (readonly [jar: string, className: string])[]>> = {
  'zookeeper.conf': [
    ['org.apache.zookeeper-zookeeper-3', 'org/apache/zookeeper/server/quorum/QuorumPeerConfig'],
    ['org.apache.zookeeper-zookeeper-prometheus-metrics', 'org/apache/zookeeper/metrics/prometheus/PrometheusMetricsProvider'],
  ],
  'bookkeeper.conf': [...bookieClasses, METRICS, rocks],
  'broker.conf': [BROKER, offload],
  'standalone.conf': [BROKER, ...bookieClasses, rocks, offload],
  'proxy.conf': [['org.apache.pulsar-pulsar-proxy', 'org/apache/pulsar/proxy/server/ProxyConfiguration']],
  'client.conf': [],
};

/** ZooKeeper reads these by what they begin with. */
const byBeginning = /^(server\.\d+|metricsProvider\.(className|http(Host|Port)|exportJvmInfo)|admin\.enableServer)$/;

const readKeys = (text: string): readonly string[] => [...text.matchAll(/^#?([\w.]+) ?=/gm)].map(([, key = '']) => key);

describe.skipIf(missing !== '')(`settings that are rendered${missing}`, () => {
  it.each(Object.keys(readers))('in %s are known to the distribution, each of them', async (name) => {
    const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
    const shipped = readKeys(await readFile(join(home, 'conf', name), 'utf8'));
    const texts = await Promise.all((readers[name] ?? []).map(([jar, className]) => readClassTexts(home, jar, className)));
    const known = new Set([...shipped, ...texts.flat()]);
    const inputs = sizes.map((size) => settingsSchema.parse({ size, production: { proxies: { instanceType: 'c7g.large', count: 1 } } }));
    const rendered = inputs.flatMap((settings) => {
      const cluster = describeCluster(settings, { offloadBucket: 'history' });
      return cluster.nodes.flatMap((node) => renderNode(cluster, node)).filter(({ path }) => basename(path) === name);
    });
    const keys = new Set(rendered.flatMap(({ text }) => [...text.matchAll(/^([\w.]+)=/gm)].map(([, key = '']) => key)));
    expect(keys.size).toBeGreaterThan(5);
    expect([...keys].filter((key) => !known.has(key) && !byBeginning.test(key))).toEqual([]);
  });

  it('that differ when they are booted here have their reasons', () => {
    expect(differences.every(({ why }) => why.endsWith('.'))).toBe(true);
  });
});
