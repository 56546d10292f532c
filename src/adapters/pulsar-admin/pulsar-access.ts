// Where a Pulsar is and who calls: one description that administration and both adapters of the bus share.
import { readFile } from 'node:fs/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** Files of a TLS connection; they are read anew for every connection, so they may be renewed in place. */
export interface PulsarTls {
  /** Certificates of the authorities to trust, as PEM; the system's when left out. */
  readonly caFile?: string;
  /** The client's own certificate and key, as PEM. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** A Pulsar, a namespace in it, and the credentials for it. */
export interface PulsarAccess {
  /** The web service of brokers or proxies: `http://host:8080` or `https://host:8443`. */
  readonly webUrl: string;
  readonly tenant: string;
  readonly namespace: string;
  /** Holds a token; read anew for every connection, so it may be renewed in place. */
  readonly tokenFile?: string;
  readonly tls?: PulsarTls;
}

/** Credentials as they are now. */
export interface Credentials {
  readonly token?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const read = async (file: string, what: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (error) {
    throw new StarquakeError('SETTINGS_INVALID', `The ${what} cannot be read from ${file}.`, { cause: error });
  }
};

/**
 * Reads what the access names.
 *
 * @throws SETTINGS_INVALID when a file cannot be read
 */
export const readCredentials = async ({ tokenFile, tls }: PulsarAccess): Promise<Credentials> => ({
  ...(tokenFile !== undefined && { token: (await read(tokenFile, 'token')).toString('utf8').trim() }),
  ...(tls?.caFile !== undefined && { ca: await read(tls.caFile, 'trusted certificates') }),
  ...(tls?.certFile !== undefined && { cert: await read(tls.certFile, 'client certificate') }),
  ...(tls?.keyFile !== undefined && { key: await read(tls.keyFile, 'client key') }),
});

/** HTTP headers that carry the token. */
export const makeHeaders = ({ token }: Credentials): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
