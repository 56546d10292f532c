// Has the keys of a cluster made by the script of its first machine, in place of the ones that tests make for themselves.
import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { placeNodes } from '../cluster/loopback-nodes.ts';
import type { ClusterSecrets } from '../cluster/cluster-secrets.ts';
import type { Few } from './few-nodes.ts';
import { stageMachine, type StagedMachine } from './machine-stage.ts';

/** A keyholder, and what it has made. */
export interface MadeKeys {
  readonly machine: StagedMachine;
  readonly secrets: ClusterSecrets;
  /** What is in Secrets Manager. */
  readSecret(name: string): Promise<string>;
}

const BIN = '/opt/starquake/bin';
/** As the template leaves them: a mark that there is nothing yet. */
const NOTHING = '{"none":"mark"}';

/** Runs it. @param folder - that the nodes read their keys from @param addresses - of the nodes, in their order */
export const makeKeys = async (
  { settings, synthesized: { cluster } }: Few,
  folder: string,
  addresses: readonly string[],
): Promise<MadeKeys> => {
  const ground = { folder: dirname(folder), home: '', offloaders: '', secrets: folder };
  const [placed] = placeNodes(cluster, ground, Number(addresses[0]?.split('.')[1]));
  if (placed === undefined) throw new Error('The cluster has no nodes.');
  const store = join(ground.folder, 'secrets-manager');
  await Promise.all([store, join(placed.folder, 'tmp')].map((path) => mkdir(path, { recursive: true })));
  for (const name of ['authority', 'tls', 'tokens', 'connector']) await writeFile(join(store, name), NOTHING);
  // Nodes have no names here: their certificate is made out to their addresses too.
  const names = ['DNS:*.%s', 'IP:127.0.0.1', ...addresses.map((address) => `IP:${address}`)].join(',');
  const machine = await stageMachine({
    settings,
    cluster,
    placed: { ...placed, translate: (text) => placed.translate(text.replaceAll('DNS:*.%s', names)) },
    secretsFolder: store,
    system: (line) => Promise.reject(new Error(`Nobody is to be told "${line}".`)),
  });
  const { code, output } = await machine.run([`${BIN}/make-keys`, `${BIN}/fetch-keys`]);
  if (code !== 0) throw new Error(`The keys could not be made: ${output}`);
  const connectorToken = join(placed.folder, 'etc', 'secrets', 'connector.token');
  const secrets: ClusterSecrets = {
    folder,
    caFile: join(folder, 'ca.pem'),
    certificateFile: join(folder, 'node.pem'),
    keyFile: join(folder, 'node.key'),
    publicKeyFile: join(folder, 'token-public.der'),
    tokenFile: (role) => (role === 'connector' ? connectorToken : join(folder, `${role}.token`)),
  };
  return { machine, secrets, readSecret: (name) => readFile(join(store, name), 'utf8') };
};
