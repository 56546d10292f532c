// Makes a certificate authority and certificates that it signed, with openssl, for brokers that tests start with TLS.
import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An authority of a test; all files are PEM. */
export interface TestAuthority {
  /** Its certificate, to be trusted. */
  readonly caFile: string;
  /** Signs a new certificate of its addresses, and puts it and its key in the place of these files. */
  sign(certFile: string, keyFile: string): Promise<void>;
}

const LOOPBACK = ['DNS:localhost', 'IP:127.0.0.1'];
const KEY = ['-newkey', 'rsa:2048', '-nodes'];

/**
 * Makes an authority.
 *
 * @param folder - where its files go
 * @param name - of the authority, and of its files
 * @param addresses - that its certificates are made out to, as openssl writes them
 */
export const makeAuthority = async (folder: string, name: string, addresses = LOOPBACK): Promise<TestAuthority> => {
  const file = (end: string): string => join(folder, `${name}.${end}`);
  const [caFile, caKey, extensions, request, newKey, newCert] = ['ca.pem', 'ca.key', 'ext', 'csr', 'key', 'pem'].map(file) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const asAuthority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  await run('openssl', ['req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${name}`, ...asAuthority, '-keyout', caKey, '-out', caFile]);
  await writeFile(extensions, `subjectAltName=${addresses.join(',')}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  return {
    caFile,
    sign: async (certFile, keyFile) => {
      await run('openssl', ['req', '-new', ...KEY, '-subj', '/CN=127.0.0.1', '-keyout', newKey, '-out', request]);
      const signing = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '1', '-extfile', extensions];
      await run('openssl', ['x509', '-req', '-in', request, ...signing, '-out', newCert]);
      await copyFile(newKey, keyFile);
      await copyFile(newCert, certFile);
    },
  };
};
