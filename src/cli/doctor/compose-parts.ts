// Composes the parts that the doctor looks at from adapters that it is given; nothing is opened that nobody looks at.
import { connect } from 'node:net';
import { healthSchema } from '../../client/http-contract.ts';
import { createHttpCaller } from '../../client/http-caller.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Functions } from '../../ports/functions.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { INBOX_PARTITIONS, topics } from '../../protocol/topics.ts';
import type { DoctorParts, PulsarPart, PulsarReads } from './doctor-parts.ts';
import { installApps, type InstallableFunctions } from './install-apps.ts';
import { readFolder, type LockFolder } from './read-folder.ts';

/** A Pulsar, a namespace in it, and the credentials for it. */
export interface PulsarAddress {
  readonly webUrl: string;
  readonly tenant: string;
  readonly namespace: string;
  readonly tokenFile?: string;
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
}

/** A Pulsar, and how it is to be. */
export interface PulsarSettings {
  readonly access: PulsarAddress;
  /** The options that name it, for commands that are to be copied. */
  readonly flags: string;
  /** Whichever can be loaded when left out. */
  readonly adapter?: 'native' | 'websocket';
  /** Looked up when left out. */
  readonly brokerUrl?: string;
  readonly inboxPartitions: number;
  readonly backlogLimitBytes?: number;
  readonly offloadThresholdBytes?: number;
}

/** Adapters that the parts are made of. */
export interface DoctorPieces {
  readonly clock: Clock;
  inspectPulsar(
    access: PulsarAddress,
    timeoutMs: number,
    settings: { readonly backlogLimitBytes?: number; readonly offloadThresholdBytes?: number },
  ): PulsarReads;
  /** Addresses of the binary protocol, found by a topic that there is. */
  findBrokerUrl(access: PulsarAddress, topic: string, timeoutMs: number): Promise<string>;
  /** Rejects where the native client cannot be loaded. */
  loadNativeClient(): Promise<unknown>;
  openFunctions(): Functions & InstallableFunctions & { close(): Promise<void> };
  readonly lockFolder: LockFolder;
}

/** What to look at. */
export interface DoctorSettings {
  /** Entry files of apps. */
  readonly entries: readonly string[];
  readonly pulsar: PulsarSettings | undefined;
  /** The data folder. */
  readonly data: string;
  /** Of the API. */
  readonly url: string;
}

/** The parts, and how to let go of them. */
export interface OpenParts {
  readonly parts: DoctorParts;
  readonly close: () => Promise<void>;
}

const CALL_TIMEOUT_MS = 5000;

/** Composes the parts. */
export const composeParts = async (pieces: DoctorPieces, settings: DoctorSettings): Promise<OpenParts> => {
  const { entries, pulsar, data, url } = settings;
  const functions = pieces.openFunctions();
  let installed: ReturnType<typeof installApps> | undefined;
  const install = (): ReturnType<typeof installApps> => (installed ??= installApps(entries, functions));
  const parts: DoctorParts = {
    pulsar: pulsar && (await composePulsar(pieces, pulsar)),
    inboxPartitions: pulsar?.inboxPartitions ?? INBOX_PARTITIONS,
    functions: {
      invoke: async (name, payload, options) => {
        await install();
        return await functions.invoke(name, payload, options);
      },
    },
    listApps: async () => (entries.length === 0 ? [] : (await install()).apps),
    data: { folder: data, read: once(() => readFolder(pieces.lockFolder, data)) },
    api: { url, check: () => checkApi(url) },
    now: () => pieces.clock.now(),
    pause: (ms, signal) => pause(pieces.clock, ms, signal),
  };
  const close = async (): Promise<void> => {
    await functions.close();
    // One that failed has left nothing behind, and its check has told.
    const [apps] = await Promise.allSettled([installed]);
    if (apps.status === 'fulfilled') await apps.value?.remove();
  };
  return { parts, close };
};

const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = clock.setTimer(clock.now() + ms, resolve);
    signal.addEventListener('abort', () => {
      cancel();
      // Nobody listens to a check that is over: it is to end, no more.
      reject(new StarquakeError('CALL_TIMED_OUT', 'The check is over.'));
    });
  });

const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let begun: Promise<T> | undefined;
  return () => (begun ??= work());
};

const composePulsar = async (pieces: DoctorPieces, options: PulsarSettings): Promise<PulsarPart> => {
  const { access: place, flags, adapter, brokerUrl, inboxPartitions: _, ...namespace } = options;
  const reads = pieces.inspectPulsar(place, CALL_TIMEOUT_MS, namespace);
  const listTopics = once(() => reads.listTopics());
  const loads = async (): Promise<boolean> =>
    await pieces.loadNativeClient().then(
      () => true,
      () => false,
    );
  const usual = async (): Promise<'native' | 'websocket'> => ((await loads()) ? 'native' : 'websocket');
  return {
    place: { ...place, flags, adapter: adapter ?? (await usual()) },
    reach: once(async () => void (await reads.ask(place.webUrl))),
    findBrokerUrl: async () => {
      const inbox = topics.inbox.name;
      if (brokerUrl !== undefined || !(await listTopics()).includes(inbox)) return brokerUrl;
      return await pieces.findBrokerUrl(place, inbox, CALL_TIMEOUT_MS);
    },
    connect: tryConnection,
    loadNativeClient: async () => void (await pieces.loadNativeClient()),
    ask: (webUrl) => reads.ask(webUrl),
    readHealth: (webUrl) => reads.readHealth(webUrl),
    listBrokers: once(() => reads.listBrokers()),
    readSettings: (webUrl, keys) => reads.readSettings(webUrl, keys),
    offersWebSocket: () => reads.offersWebSocket(),
    hasNamespace: () => reads.hasNamespace(),
    compareTopics: (wanted) => reads.compareTopics(wanted),
    listTopics,
    readPartitions: (topic) => reads.readPartitions(topic),
    readStorage: (topic) => reads.readStorage(topic),
    readLast: (topic, partition) => reads.readLast(topic, partition),
    readOffload: () => reads.readOffload(),
  };
};

const tryConnection = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: CALL_TIMEOUT_MS });
    socket.once('connect', () => resolve());
    socket.once('timeout', () => reject(new Error(`it did not answer within ${CALL_TIMEOUT_MS} ms`)));
    socket.once('error', reject);
    for (const event of ['connect', 'timeout']) socket.once(event, () => socket.destroy());
  });

const checkApi = async (url: string): Promise<void> => {
  // Sooner than the client gives up on requests: this one takes no time.
  const call = createHttpCaller(url, (target, init) => fetch(target, { ...init, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) }));
  await call({ method: 'GET', path: '/health', schema: healthSchema });
};
