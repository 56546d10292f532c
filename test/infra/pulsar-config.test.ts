// What the files of nodes say: each setting once, copies apart, nobody in without a token, all that the engine wants of brokers.
import { describe, expect, it } from 'vitest';
import { listNodes, listRoles, type ClusterDescription, type NodeDescription } from '../../lib/pulsar-config/cluster-description.ts';
import { writeConf } from '../../lib/pulsar-config/conf-text.ts';
import { describeCluster } from '../../lib/pulsar-config/describe-cluster.ts';
import { initializeMetadata, prepareNamespace, registerRack } from '../../lib/pulsar-config/node-commands.ts';
import { secretFiles } from '../../lib/pulsar-config/places.ts';
import { renderNode } from '../../lib/pulsar-config/render-node.ts';
import { findMemory, shareMemory } from '../../lib/pulsar-config/size-memory.ts';
import { settingsSchema, sizes, type SettingsInput } from '../../lib/settings/settings.ts';
import { bookieSettings, clusterSettings, plainSettings, watchedSettings, type WantedSetting } from '../../src/platform/broker-settings.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';

const describeSettings = (input: SettingsInput): ClusterDescription =>
  describeCluster(settingsSchema.parse(input), { offloadBucket: 'starquake-offload' });

/** Lines of a file that set something. */
const readKeys = (text: string): readonly string[] => [...text.matchAll(/^([\w.]+)=/gm)].map(([, key = '']) => key);

const readConf = (cluster: ClusterDescription, node: NodeDescription, name: string): Readonly<Record<string, string>> => {
  const text = renderNode(cluster, node).find(({ path }) => path.endsWith(`/${name}`))?.text ?? '';
  return Object.fromEntries([...text.matchAll(/^([\w.]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
};

const listTexts = (settings: readonly WantedSetting[]): Readonly<Record<string, string>> =>
  Object.fromEntries(settings.map(({ key, value }) => [key, String(value)]));

const findNode = (cluster: ClusterDescription, name: string): NodeDescription => {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`There is no node ${name}.`);
  return node;
};

const everyFile = (input: SettingsInput) => {
  const cluster = describeSettings(input);
  return cluster.nodes.flatMap((node) => renderNode(cluster, node).map((file) => ({ node: node.name, ...file })));
};

const withProxies: SettingsInput = { size: 'production', production: { proxies: { instanceType: 'c7g.large', count: 2 } } };
const inputs: readonly SettingsInput[] = [...sizes.map((size) => ({ size })), withProxies];

describe('the files of a node', () => {
  it('set nothing twice, which would be read as a list', () => {
    const twice = inputs.flatMap(everyFile).filter(({ text }) => new Set(readKeys(text)).size !== readKeys(text).length);
    expect(twice).toEqual([]);
  });

  it('are not written when a setting stands twice', () => {
    const write = (): string => writeConf('a broker', [{ settings: { bindAddress: 'a' } }, { settings: { bindAddress: 'b' } }]);
    expect(write).toThrow(StarquakeError);
    expect(write).toThrow(/bindAddress/);
  });

  it('hold no secret, only where secrets are', () => {
    const texts = inputs.flatMap(everyFile).map(({ text }) => text);
    expect(texts.filter((text) => /BEGIN|eyJ|password/i.test(text))).toEqual([]);
    expect(texts.some((text) => text.includes(secretFiles.tokenPublicKey))).toBe(true);
  });

  it('are the same whenever they are rendered', () => {
    expect(inputs.map(everyFile)).toEqual(inputs.map(everyFile));
  });

  it('end with the end of a line, and hold none that is neither setting nor reason', () => {
    const confs = inputs.flatMap(everyFile).filter(({ path }) => path.endsWith('.conf'));
    expect(confs.filter(({ text }) => !text.endsWith('\n') || text.split('\n').some((line) => !/^($|# .|[\w.]+=)/.test(line)))).toEqual([]);
  });
});

describe('brokers', () => {
  it.each(['small', 'production'] as const)('of %s are set to all that the engine wants', (size) => {
    const cluster = describeSettings({ size });
    for (const node of listNodes(cluster, 'broker')) {
      const conf = readConf(cluster, node, 'broker.conf');
      expect(conf).toMatchObject(listTexts([...watchedSettings, ...plainSettings, ...clusterSettings]));
    }
  });

  it('give a lost broker up within ten seconds, which ZooKeeper grants', () => {
    const cluster = describeSettings({ size: 'production' });
    const session = Number(readConf(cluster, findNode(cluster, 'broker-1'), 'broker.conf')['metadataStoreSessionTimeoutMillis']);
    const tick = Number(readConf(cluster, findNode(cluster, 'zookeeper-1'), 'zookeeper.conf')['tickTime']);
    expect(session).toBeLessThan(10_000);
    expect(session).toBeGreaterThanOrEqual(2 * tick);
    const longest = Number(readConf(cluster, findNode(cluster, 'zookeeper-1'), 'zookeeper.conf')['maxSessionTimeout']);
    expect(Number(readConf(cluster, findNode(cluster, 'bookie-1'), 'bookkeeper.conf')['zkTimeout'])).toBeLessThanOrEqual(longest);
  });

  it.each([
    ['small', '2', '2', '2'],
    ['production', '3', '3', '2'],
  ] as const)('of %s write copies to %s of %s bookies, wait for %s, and never have all in one zone', (size, ensemble, write, ack) => {
    const cluster = describeSettings({ size });
    const [node] = listNodes(cluster, 'broker');
    if (node === undefined) throw new Error('There is no broker.');
    expect(readConf(cluster, node, 'broker.conf')).toMatchObject({
      managedLedgerDefaultEnsembleSize: ensemble,
      managedLedgerDefaultWriteQuorum: write,
      managedLedgerDefaultAckQuorum: ack,
      bookkeeperClientRackawarePolicyEnabled: 'true',
      bookkeeperClientMinNumRacksPerWriteQuorum: '2',
      bookkeeperClientEnforceMinNumRacksPerWriteQuorum: 'true',
    });
    expect(listNodes(cluster, 'bookie').length).toBeGreaterThan(Number(ensemble));
  });

  it('let nobody in without a token, and only by TLS', () => {
    for (const size of sizes) {
      const cluster = describeSettings({ size });
      const node = [...listNodes(cluster, 'broker'), ...listNodes(cluster, 'standalone')][0];
      if (node === undefined) throw new Error('There is no broker.');
      const conf = readConf(cluster, node, size === 'dev' ? 'standalone.conf' : 'broker.conf');
      expect(conf).toMatchObject({ authenticationEnabled: 'true', authorizationEnabled: 'true', brokerServicePort: '' });
      expect(conf).toMatchObject({ brokerServicePortTls: '6651', webServicePortTls: '8443', tlsAllowInsecureConnection: 'false' });
      expect(conf['superUserRoles']?.split(',')).not.toContain('connector');
    }
  });

  it('take a proxy for the client behind it', () => {
    const cluster = describeSettings(withProxies);
    expect(readConf(cluster, findNode(cluster, 'broker-1'), 'broker.conf')).toMatchObject({
      proxyRoles: 'proxy',
      authenticateOriginalAuthData: 'true',
    });
    expect(readConf(cluster, findNode(cluster, 'proxy-1'), 'proxy.conf')).toMatchObject({
      forwardAuthorizationCredentials: 'true',
      tlsEnabledWithBroker: 'true',
      servicePort: '',
      webSocketServiceEnabled: 'true',
    });
    // Brokers ask for the rights of both, proxy and client.
    const [tenant, again] = prepareNamespace(cluster, 'starquake/main').map(({ command }) => command.join(' '));
    for (const line of [tenant, again]) expect(line).toMatch(/ starquake --admin-roles connector,proxy /);
  });

  it('lets a proxy find its brokers where they register: a list of addresses keeps it from starting', () => {
    const cluster = describeSettings(withProxies);
    const conf = readConf(cluster, findNode(cluster, 'proxy-1'), 'proxy.conf');
    expect(conf['metadataStoreUrl']).toMatch(/^zk:/);
    for (const key of ['brokerServiceURLTLS', 'brokerWebServiceURLTLS']) expect(conf[key] ?? '').not.toContain(',');
  });

  it('say how old the oldest unread message is, and start all the same', () => {
    for (const size of sizes) {
      const cluster = describeSettings({ size });
      const [node] = [...listNodes(cluster, 'broker'), ...listNodes(cluster, 'standalone')];
      const conf = node === undefined ? {} : readConf(cluster, node, size === 'dev' ? 'standalone.conf' : 'broker.conf');
      // Seen: a broker that keeps what was read for a time shorter than the limit of age refuses to start.
      const keptSeconds = Number(conf['defaultRetentionTimeInMinutes']) * 60;
      expect(Number(conf['backlogQuotaDefaultLimitSecond'])).toBeGreaterThan(0);
      expect(keptSeconds < 0 || keptSeconds > Number(conf['backlogQuotaDefaultLimitSecond'])).toBe(true);
    }
  });

  it('move closed ledgers to the bucket', () => {
    const cluster = describeSettings({ size: 'production', region: 'eu-west-1', offloadAfterGib: 0.5 });
    expect(readConf(cluster, findNode(cluster, 'broker-1'), 'broker.conf')).toMatchObject({
      managedLedgerOffloadDriver: 'aws-s3',
      s3ManagedLedgerOffloadBucket: 'starquake-offload',
      s3ManagedLedgerOffloadRegion: 'eu-west-1',
      s3ManagedLedgerOffloadServiceEndpoint: 'https://s3.eu-west-1.amazonaws.com',
      managedLedgerOffloadAutoTriggerSizeThresholdBytes: String(0.5 * 1024 ** 3),
    });
  });
});

describe('bookies', () => {
  it('have their log and their ledgers on disks of their own', () => {
    const cluster = describeSettings({ size: 'production' });
    const conf = readConf(cluster, findNode(cluster, 'bookie-1'), 'bookkeeper.conf');
    expect(conf['journalDirectories']).not.toBe(conf['ledgerDirectories']);
    expect(conf).toMatchObject(listTexts(bookieSettings));
  });

  it('know every ZooKeeper, not the first alone', () => {
    const cluster = describeSettings({ size: 'production' });
    const conf = readConf(cluster, findNode(cluster, 'bookie-1'), 'bookkeeper.conf');
    // Seen: a value ends for them at its first comma, so that all bookies ended with the first ZooKeeper.
    expect(conf['metadataServiceUri']?.split(';')).toHaveLength(3);
    expect(Object.values(conf).filter((value) => value.includes(','))).toEqual([]);
  });

  it('say in which zone they are', () => {
    const cluster = describeSettings({ size: 'production' });
    const lines = listNodes(cluster, 'bookie').map((node) => registerRack(node).join(' '));
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain('--bookie bookie-2.starquake.internal:3181');
    expect(lines.map((line) => / --rack (\S+)/.exec(line)?.[1])).toEqual(['/us-east-1a', '/us-east-1b', '/us-east-1c', '/us-east-1a']);
  });
});

describe('a cluster', () => {
  it('has a number for each ZooKeeper, the same in its file and in the quorum', () => {
    const cluster = describeSettings({ size: 'production' });
    for (const node of listNodes(cluster, 'zookeeper')) {
      const id = renderNode(cluster, node)
        .find(({ path }) => path.endsWith('/myid'))
        ?.text.trim();
      expect(readConf(cluster, node, 'zookeeper.conf')[`server.${id ?? ''}`]).toBe(`${node.host}:2888:3888`);
    }
  });

  it('is laid down with the addresses that its brokers have', () => {
    const cluster = describeSettings({ size: 'small', name: 'acme' });
    expect(initializeMetadata(cluster).join(' ')).toContain(
      '--web-service-url-tls https://node-1.acme.internal:8443,node-2.acme.internal:8443',
    );
    const lines = prepareNamespace(cluster, 'starquake/main').map(({ command }) => command.join(' '));
    expect(lines[0]).toContain('tenants create starquake --admin-roles connector --allowed-clusters acme');
    expect(lines.slice(1).every((line) => line.includes(' starquake/main'))).toBe(true);
  });

  it('gives the processes of a machine less memory than it has', () => {
    for (const size of sizes) {
      for (const { processes } of describeSettings({ size }).nodes) {
        const given = Object.values(processes).reduce((sum, { heapMib, directMib }) => sum + heapMib + directMib, 0);
        expect(given).toBeLessThan((size === 'dev' ? 4 : 8) * 1024 * 0.75);
      }
    }
  });
});

describe('memory', () => {
  it.each([
    ['t4g.medium', 4],
    ['m7gd.large', 8],
    ['im4gn.2xlarge', 32],
    ['r8g.xlarge', 32],
    ['c7gn.medium', 2],
  ])('of %s is %i GiB', (instanceType, gib) => {
    expect(findMemory(instanceType)).toBe(gib * 1024);
  });

  it.each(['m5.large', 'm7g.metal', 'nonsense'])('of %s is not known, and that is said', (instanceType) => {
    const find = (): unknown => shareMemory(instanceType, ['broker']);
    expect(find).toThrow(StarquakeError);
    expect(find).toThrow(instanceType);
  });

  it('is given to every process that runs', () => {
    const nodes = sizes.flatMap((size) => describeSettings({ size }).nodes);
    expect(nodes.every((node) => listRoles(node).length === Object.keys(node.processes).length)).toBe(true);
  });
});
