// Makes what a cluster has in Secrets Manager: an authority, certificates, the key of tokens and a token for each role.
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAuthority } from '../pulsar/secure-certificates.ts';

/** Secrets of a cluster; all but the private key are in files. */
export interface ClusterSecrets {
  readonly folder: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly publicKeyFile: string;
  /** The file with the token of a role. */
  tokenFile(role: string): string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const signRole = (key: KeyObject, role: string): string => {
  const content = `${encode({ alg: 'RS256' })}.${encode({ sub: role })}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(key).toString('base64url')}`;
};

/** Makes them in a new folder. @param addresses - of the nodes @param roles - that get a token */
export const makeClusterSecrets = async (
  folder: string,
  addresses: readonly string[],
  roles: readonly string[],
): Promise<ClusterSecrets> => {
  await mkdir(folder);
  const [certificateFile, keyFile, publicKeyFile] = [join(folder, 'node.pem'), join(folder, 'node.key'), join(folder, 'token-public.der')];
  const names = ['DNS:localhost', 'IP:127.0.0.1', ...addresses.map((address) => `IP:${address}`)];
  const authority = await makeAuthority(folder, 'authority', names);
  const caFile = join(folder, 'ca.pem');
  await copyFile(authority.caFile, caFile);
  await authority.sign(certificateFile, keyFile);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(publicKeyFile, publicKey.export({ type: 'spki', format: 'der' }));
  const tokenFile = (role: string): string => join(folder, `${role}.token`);
  await Promise.all(roles.map((role) => writeFile(tokenFile(role), signRole(privateKey, role))));
  return { folder, caFile, certificateFile, keyFile, publicKeyFile, tokenFile };
};
