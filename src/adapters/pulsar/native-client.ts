// The native client as far as the bus uses it, loaded when it is first wanted: it is an addon that not every host has.
import { readFile } from 'node:fs/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { PulsarAccess } from '../pulsar-admin/pulsar-access.ts';
import { describeNativeFailure } from './native-failures.ts';

/** Names a message; the client acks by it. */
export interface NativeMessageId {
  serialize(): Buffer;
}

/** A message that came. */
export interface NativeMessage {
  getMessageId(): NativeMessageId;
  getData(): Buffer;
  getProperties(): Readonly<Record<string, string>>;
  getPartitionKey(): string;
  getRedeliveryCount(): number;
}

/** A message to send. */
export interface NativeOutgoing {
  readonly data: Buffer;
  readonly partitionKey: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly deliverAt?: number;
}

/** Sends to one topic. */
export interface NativeProducer {
  send(message: NativeOutgoing): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Reads one partition for one subscription. */
export interface NativeConsumer {
  receive(): Promise<NativeMessage>;
  batchReceive(): Promise<readonly NativeMessage[]>;
  acknowledgeId(id: NativeMessageId): Promise<unknown>;
  acknowledgeCumulativeId(id: NativeMessageId): Promise<unknown>;
  negativeAcknowledgeId(id: NativeMessageId): void;
  /** It connects again by itself, without a word. */
  isConnected(): boolean;
  close(): Promise<unknown>;
}

/** Reads one partition without a subscription. */
export interface NativeReader {
  /** Holds a thread of the process while it waits, so it is never let wait for long. */
  readNext(timeoutMs: number): Promise<NativeMessage>;
  close(): Promise<unknown>;
}

/** A connection to Pulsar. */
export interface NativeClient {
  createProducer(config: Readonly<Record<string, unknown>>): Promise<NativeProducer>;
  subscribe(config: Readonly<Record<string, unknown>>): Promise<NativeConsumer>;
  createReader(config: Readonly<Record<string, unknown>>): Promise<NativeReader>;
  close(): Promise<unknown>;
}

/** The package. */
export interface NativeModule {
  readonly Client: {
    new (config: Readonly<Record<string, unknown>>): NativeClient;
    setLogHandler(handler: (level: number, file: string, line: number, message: string) => void): void;
  };
  readonly MessageId: { earliest(): NativeMessageId; deserialize(data: Buffer): NativeMessageId };
  readonly AuthenticationToken: new (params: { readonly token: () => Promise<string> }) => object;
  readonly AuthenticationTls: new (params: { readonly certificatePath: string; readonly privateKeyPath: string }) => object;
}

/** Not written where it is imported: the package is optional, and its types are not there when it is not. */
const PACKAGE = 'pulsar-client';
/** The client's numbers for how bad a line of its log is. */
const LOG_LEVEL = { warning: 2, error: 3 };
/** The one warning that stays the reason why messages are not stored; of the others the client gets over by itself. */
const QUOTA = /backlog is exceeded/i;

const isNativeModule = (value: unknown): value is NativeModule => {
  if (typeof value !== 'object' || value === null) return false;
  return ['Client', 'MessageId', 'AuthenticationToken', 'AuthenticationTls'].every(
    (name) => typeof Reflect.get(value, name) === 'function',
  );
};

const importPackage = (): Promise<unknown> => import(PACKAGE);

/**
 * Loads the package.
 *
 * @throws PULSAR_CLIENT_MISSING
 */
export const loadNativeModule = async (load = importPackage): Promise<NativeModule> => {
  let loaded: unknown;
  try {
    loaded = await load();
  } catch (error) {
    throw new StarquakeError('PULSAR_CLIENT_MISSING', `The package ${PACKAGE} cannot be loaded.`, { cause: error });
  }
  const found = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
  if (isNativeModule(found)) return found;
  throw new StarquakeError('PULSAR_CLIENT_MISSING', `The package ${PACKAGE} does not offer what the bus needs.`);
};

/** What a connection is made with. */
export interface NativeAccess extends PulsarAccess {
  /** The binary protocol of brokers or proxies: `pulsar://host:6650` or `pulsar+ssl://host:6651`. */
  readonly brokerUrl: string;
}

/** Reads the token anew whenever the client asks for it, which is at every connection. The client never gets over a failure of it. */
const makeTokenReader = (tokenFile: string, report: (error: unknown, doing: string) => void): (() => Promise<string>) => {
  let token = '';
  return async () => {
    try {
      token = (await readFile(tokenFile, 'utf8')).trim();
    } catch (error) {
      const unreadable = new StarquakeError('SETTINGS_INVALID', `The token cannot be read from ${tokenFile}.`, { cause: error });
      report(unreadable, 'connecting to Pulsar');
    }
    return token;
  };
};

/** Makes a connection; it connects when it is used. */
export const createNativeClient = (
  module: NativeModule,
  { brokerUrl, tokenFile, tls }: NativeAccess,
  report: (error: unknown, doing: string) => void,
): NativeClient => {
  // Without a handler it would print on the console.
  module.Client.setLogHandler((level, _file, _line, message) => {
    if (level >= LOG_LEVEL.error || QUOTA.test(message)) report(describeNativeFailure('keeping its connections', message), 'the bus');
  });
  const token = tokenFile === undefined ? undefined : makeTokenReader(tokenFile, report);
  const { caFile, certFile, keyFile } = tls ?? {};
  return new module.Client({
    serviceUrl: brokerUrl,
    operationTimeoutSeconds: 30,
    logLevel: LOG_LEVEL.warning,
    tlsValidateHostname: true,
    ...(caFile !== undefined && { tlsTrustCertsFilePath: caFile }),
    ...(token !== undefined && { authentication: new module.AuthenticationToken({ token }) }),
    ...(certFile !== undefined &&
      keyFile !== undefined && {
        authentication: new module.AuthenticationTls({ certificatePath: certFile, privateKeyPath: keyFile }),
      }),
  });
};
