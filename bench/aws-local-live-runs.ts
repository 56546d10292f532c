// Measures how often a decision finds its live run, when any of twenty processes may get it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSsmRegistry } from '../src/adapters/ssm/ssm-registry.ts';
import { systemClock } from '../src/adapters/system-clock/system-clock.ts';
import { bundleApp } from '../src/bundle/bundle-app.ts';
import { bundleTimer } from '../src/bundle/bundle-timer.ts';
import { startLambda } from '../test/support/lambda/start-lambda.ts';
import { openCountingProxy } from './aws-local/counting-proxy.ts';
import { measureLoad } from './aws-local-measure-load.ts';
import { onConnector, type Line } from './aws-local/open-line.ts';

const PROCESSES = 20;
const STEPS = 40;
const CALL = { timeoutMs: 30_000 };

/** Lambda gives an invocation to any instance that is idle, the one that was busy last first; how many there are is how many are in flight. */
const variants = {
  'settings as they come, two in flight': {},
  'one in flight': { STARQUAKE_DECISIONS_IN_FLIGHT: '1' },
  'twenty in flight': { STARQUAKE_DECISION_SLOTS: String(PROCESSES), STARQUAKE_DECISIONS_IN_FLIGHT: '1' },
};

const report = (error: unknown, doing: string): void => console.error(doing, error);

/** Tells the registry of the line what was bundled. */
const deploy = async ({ environment }: Line['aws'], manifest: Awaited<ReturnType<typeof bundleApp>>['manifest']): Promise<void> => {
  const {
    AWS_REGION = '',
    AWS_ENDPOINT_URL_SSM = '',
    AWS_ACCESS_KEY_ID = '',
    AWS_SECRET_ACCESS_KEY = '',
    STARQUAKE_REGISTRY = '',
  } = environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = { region: AWS_REGION, endpoint: AWS_ENDPOINT_URL_SSM, credentials };
  const registry = openSsmRegistry({ clock: systemClock, folder: STARQUAKE_REGISTRY.replace('ssm:', ''), client, report });
  await registry.put(manifest, CALL);
  registry.close();
};

/** Measures with each variant of settings, on functions of its own. @param scale - 1 for the full size */
export const measureLiveRuns = async (line: Line, scale: number) => {
  const scratch = await mkdtemp(join(tmpdir(), 'starquake-bench-live-'));
  const app = await bundleApp('bench/aws-local/apps/long-histories.ts', { outDir: join(scratch, 'app'), deployment: 'd1', jobs: 'each' });
  const timer = await bundleTimer({ outDir: join(scratch, 'timer') });
  await deploy(line.aws, app.manifest);
  const figures: Record<string, unknown> = {};
  try {
    for (const [name, settings] of Object.entries(variants)) {
      const lambda = await startLambda({ prefix: 'sq-', instancesPerFunction: PROCESSES });
      for (const bundle of [timer, app]) lambda.install(bundle);
      const functions = await openCountingProxy(lambda.client.endpoint, line.decisions.take);
      const own = { ...line, aws: { ...line.aws, lambda }, links: { ...line.links, functions } };
      const load = { app: 'long-histories', workflow: 'gather', input: { steps: STEPS } };
      const drive = { load, name: `live${Object.keys(figures).length}`, inFlight: 3 * PROCESSES, seconds: 5 * scale, stepsPerRun: STEPS };
      figures[name] = await onConnector(own, settings, (connector) => measureLoad(own, connector, drive));
      await functions.stop();
      await lambda.stop();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { processes: PROCESSES, stepsPerRun: STEPS, ...figures };
};
