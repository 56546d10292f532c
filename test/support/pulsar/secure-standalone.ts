// Starts a broker that wants tokens and speaks TLS, with an authority and keys of its own: for what wrong credentials do.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { endProcess, launchBroker, readLogEnd } from '../../../src/adapters/pulsar-local/broker-process.ts';
import { findDistribution } from '../../../src/adapters/pulsar-local/find-distribution.ts';
import { isRunning } from '../../../src/adapters/pulsar-local/process-identity.ts';
import { findFreePorts } from './free-port.ts';
import { makeAuthority, type TestAuthority } from './secure-certificates.ts';
import { signToken, type TokenClaims } from './secure-token.ts';

/** A broker with authentication, authorization and TLS. */
export interface SecurePulsar {
  /** `https:`, for administration and WebSocket. */
  readonly webUrl: string;
  /** `pulsar+ssl:`. */
  readonly brokerUrl: string;
  /** Signed the broker's certificate. */
  readonly authority: TestAuthority;
  /** A folder for files of tests; it goes with the broker. */
  readonly folder: string;
  /** A token that the broker takes, unless it has expired. */
  readonly sign: (claims: TokenClaims) => string;
  /** Has the broker show a new certificate, which it takes up within seconds. */
  readonly renewCertificate: (authority: TestAuthority) => Promise<void>;
  stop(): Promise<void>;
}

/** The role that may do everything. */
export const ADMIN_ROLE = 'admin';

const READY_TIMEOUT_MS = 120_000;
const ASK_TIMEOUT_MS = 5000;
const PAUSE_MS = 250;

const makeSettings = (folder: string, web: number, broker: number, secret: Buffer, adminToken: string) => ({
  webServicePortTls: web,
  brokerServicePortTls: broker,
  tlsCertificateFilePath: join(folder, 'broker.pem'),
  tlsKeyFilePath: join(folder, 'broker.key'),
  tlsTrustCertsFilePath: join(folder, 'broker.ca.pem'),
  tlsCertRefreshCheckDurationSec: 1,
  authenticationEnabled: true,
  authorizationEnabled: true,
  superUserRoles: ADMIN_ROLE,
  authenticationProviders: 'org.apache.pulsar.broker.authentication.AuthenticationProviderToken',
  tokenSecretKey: `data:;base64,${secret.toString('base64')}`,
  // The broker is a client of itself, on the loopback address without TLS.
  brokerClientTlsEnabled: false,
  brokerClientAuthenticationPlugin: 'org.apache.pulsar.client.impl.auth.AuthenticationToken',
  brokerClientAuthenticationParameters: `token:${adminToken}`,
});

/** The status that the health check answers; undefined where nothing answers. */
const askHealth = (port: number, token: string): Promise<number | undefined> =>
  new Promise((done) => {
    const options = {
      port,
      host: '127.0.0.1',
      path: '/admin/v2/brokers/health',
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    };
    const asking = request(options, (answer) => {
      answer.resume();
      done(answer.statusCode);
    });
    // Not there, or not yet: that is what is asked.
    asking.on('error', () => done(undefined));
    asking.end();
  });

/**
 * Starts a broker and waits until it is healthy.
 *
 * @throws PULSAR_MISSING, PULSAR_FAILED, or an Error with the end of its log when it does not come up
 */
export const startSecureStandalone = async (): Promise<SecurePulsar> => {
  const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
  const folder = await mkdtemp(join(tmpdir(), 'starquake-secure-'));
  const [web = 0, broker = 0, bookie = 0, webTls = 0, brokerTls = 0] = await findFreePorts(5);
  const secret = randomBytes(32);
  const adminToken = signToken(secret, { role: ADMIN_ROLE });
  const authority = await makeAuthority(folder, 'authority');
  const renewCertificate = (by: TestAuthority): Promise<void> => by.sign(join(folder, 'broker.pem'), join(folder, 'broker.key'));
  await renewCertificate(authority);
  await writeFile(join(folder, 'broker.ca.pem'), '');
  const settings = { ...makeSettings(folder, webTls, brokerTls, secret, adminToken), tlsTrustCertsFilePath: authority.caFile };
  const ports = { web, broker, bookie };
  const running = await launchBroker({ home, folder, ports, settings, environment: process.env, detached: false });
  const stop = async (): Promise<void> => {
    await endProcess(running);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while ((await askHealth(webTls, adminToken)) !== 200) {
    if (performance.now() > deadline || !(await isRunning(running))) {
      const log = await readLogEnd(folder);
      await stop();
      throw new Error(`The broker did not come up:\n${log}`);
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  return {
    webUrl: `https://127.0.0.1:${webTls}`,
    brokerUrl: `pulsar+ssl://127.0.0.1:${brokerTls}`,
    authority,
    folder,
    sign: (claims) => signToken(secret, claims),
    renewCertificate,
    stop,
  };
};
