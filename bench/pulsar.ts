// Measures `booking-sequential` over a standalone Pulsar, through each adapter that loads: throughput, latency, and what a run costs connector and broker.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalPulsar } from '../src/adapters/pulsar-local/local-pulsar.ts';
import { loadNativeModule } from '../src/adapters/pulsar/native-client.ts';
import type { Engine } from '../src/cli/compose.ts';
import { onEngine } from './open-engine.ts';
import { completeAtRate, completeRun, completeRuns, quantile, type Load } from './start-runs.ts';

const load: Load = { app: 'booking-sequential', workflow: 'book-sequentially', input: { order: 'order-1' } };
const STEPS_PER_RUN = 4;
/** Of the kernel's accounting, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A broker of the benchmark's own. */
interface Broker {
  readonly webUrl: string;
  readonly pid: number | undefined;
}

/** Seconds of CPU that a process has used. */
const readCpuSeconds = async (pid: number | undefined): Promise<number> => {
  if (pid === undefined) return Number.NaN;
  const [, rest = ''] = /\) (.*)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS_PER_SECOND;
};

const round = (value: number): number => Math.round(value * 100) / 100;

const countMessages = (engine: Engine): { readonly counts: { messages: number; bytes: number }; readonly end: () => void } => {
  const counts = { messages: 0, bytes: 0 };
  const end = engine.watchMessages(({ body }) => {
    counts.messages += 1;
    counts.bytes += Buffer.byteLength(body);
  });
  return { counts, end };
};

const measureThroughput = async (engine: Engine, broker: Broker, count: number, inFlight: number) => {
  const { counts, end } = countMessages(engine);
  const [cpu, brokerCpu, from] = [process.cpuUsage(), await readCpuSeconds(broker.pid), performance.now()];
  await completeRuns(engine, load, count, inFlight);
  const wallMs = performance.now() - from;
  const [used, brokerUsed] = [process.cpuUsage(cpu), (await readCpuSeconds(broker.pid)) - brokerCpu];
  end();
  return {
    inFlight,
    runsPerSecond: Math.round((count / wallMs) * 1000),
    connectorCpuSecondsPer1000Runs: round((used.user + used.system) / 1000 / count),
    brokerCpuSecondsPer1000Runs: round((brokerUsed * 1000) / count),
    messagesPerStep: round(counts.messages / count / STEPS_PER_RUN),
    bytesPerStep: Math.round(counts.bytes / count / STEPS_PER_RUN),
  };
};

const measureAdapter = (broker: Broker, adapter: 'native' | 'websocket', scale: number) => {
  const access = { webUrl: broker.webUrl, tenant: 'starquake', namespace: `bench-${adapter}` };
  const pulsar = { access, adapter, inboxPartitions: 8 };
  return onEngine(
    ['workflows/booking-sequential/app.ts'],
    async (engine) => {
      // The broker's own machine code comes with use: a cold one is twice as slow.
      await completeRuns(engine, load, Math.ceil(6000 * scale), 300);
      const unloaded: number[] = [];
      for (let i = 0; i < Math.ceil(100 * scale); i++) unloaded.push(await completeRun(engine, load));
      const moderate = await measureThroughput(engine, broker, Math.ceil(5000 * scale), 200);
      const full = await measureThroughput(engine, broker, Math.ceil(5000 * scale), 500);
      const half = await completeAtRate(engine, load, full.runsPerSecond / 2, 5 * scale);
      return {
        adapter,
        unloaded: { p50Ms: quantile(unloaded, 0.5), p99Ms: quantile(unloaded, 0.99) },
        halfLoad: { p50Ms: quantile(half, 0.5), p99Ms: quantile(half, 0.99) },
        loaded: [moderate, full],
      };
    },
    { pulsar },
  );
};

const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const onBroker = async <T>(measure: (broker: Broker) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-bench-pulsar-'));
  const pulsar = new LocalPulsar({ folder, fetched: '.starquake/pulsar', environment: process.env });
  try {
    await pulsar.start({ ports: { web: await findFreePort(), broker: await findFreePort() } });
    const { webUrl = '', pid } = await pulsar.read();
    return await measure({ webUrl, pid });
  } finally {
    await pulsar.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Runs the benchmark on a broker of its own. @param scale - 1 for the full size */
export const benchPulsar = (scale: number) =>
  onBroker(async (broker) => {
    const lacksNative = await loadNativeModule().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const native = lacksNative === undefined ? await measureAdapter(broker, 'native', scale) : { adapter: 'native', skipped: lacksNative };
    return { benchmark: 'pulsar', adapters: [native, await measureAdapter(broker, 'websocket', scale)] };
  });
