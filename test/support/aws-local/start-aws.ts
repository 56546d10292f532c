// Stands in for AWS as a whole: DynamoDB's local server with the tables, S3 and Systems Manager, and Lambda with the functions of apps in processes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableDefinitions } from '../../../src/platform/tables.ts';
import { openSsmRegistry } from '../../../src/adapters/ssm/ssm-registry.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { bundleApp, type Bundle } from '../../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../../src/bundle/bundle-timer.ts';
import type { IsolatedFunctionFile } from '../../../src/adapters/isolated-functions/isolated-functions.ts';
import { createTable } from '../dynamodb/create-table.ts';
import { startDynamoDbLocal } from '../dynamodb/start-dynamodb-local.ts';
import { startLambda, type LambdaStandIn } from '../lambda/start-lambda.ts';
import { startS3 } from '../offload/start-s3.ts';

/** All of it, with an app deployed. */
export interface LocalAws {
  readonly lambda: LambdaStandIn;
  /** What a connector's environment needs to find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** A folder for files, which goes when all of it stops. */
  readonly scratch: string;
  /** Deploys an app: its functions, which end a little after the timeout of what they run, then its manifest. */
  deploy(bundle: Bundle): Promise<void>;
  stop(): Promise<void>;
}

const REGION = 'us-east-1';
const PREFIX = 'starquake-test';
const REGISTRY = '/starquake/test';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'not-to-be-told' };
const CALL = { timeoutMs: 30_000 };

const report = (error: unknown, doing: string): never => {
  throw new Error(`The stand-in could not be filled while ${doing}.`, { cause: error });
};

/** Longer than workflow code may compute at once. */
const ENGINE_TIMEOUT_MS = 30_000;
/** A job ends itself at its timeout; its function is ended when it does not. */
const ENDING_MS = 1000;

/** The functions of a bundle with their timeouts, as they are deployed. */
const limitTimes = ({ manifest, functions }: Bundle): readonly IsolatedFunctionFile[] =>
  functions.map((fn) => {
    const timeouts = manifest.jobs.filter((job) => job.function === fn.name).map((job) => job.timeoutMs);
    return { ...fn, timeoutMs: timeouts.length === 0 ? ENGINE_TIMEOUT_MS : Math.max(...timeouts) + ENDING_MS };
  });

/**
 * Starts it, and deploys an app.
 *
 * @param entry - entry file of the app
 * @param jobs - one function for each of its jobs, or one for all
 */
export const startAws = async (entry: string, jobs: 'together' | 'each' = 'each'): Promise<LocalAws> => {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const scratch = await mkdtemp(join(tmpdir(), 'starquake-aws-'));
    closers.push(() => rm(scratch, { recursive: true, force: true }));
    const dynamo = await startDynamoDbLocal();
    closers.push(() => dynamo.stop());
    const place = { region: REGION, endpoint: dynamo.endpoint, credentials: CREDENTIALS };
    for (const definition of tableDefinitions) await createTable(place, PREFIX, definition);
    const s3 = await startS3();
    closers.push(() => s3.stop());
    const lambda = await startLambda({ prefix: 'sq-' });
    closers.push(() => lambda.stop());
    const [timer, app] = await Promise.all([
      bundleTimer({ outDir: join(scratch, 'timer') }),
      bundleApp(entry, { outDir: join(scratch, 'app'), deployment: 'd1', jobs }),
    ]);
    lambda.install(timer);
    const client = { region: REGION, endpoint: s3.endpoint, credentials: CREDENTIALS };
    const registry = openSsmRegistry({ clock: systemClock, folder: REGISTRY, client, report });
    closers.push(() => Promise.resolve(registry.close()));
    const deploy = async (bundle: Bundle): Promise<void> => {
      lambda.install({ functions: limitTimes(bundle) });
      await registry.put(bundle.manifest, CALL);
    };
    await deploy(app);
    const environment = {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ENDPOINT_URL_SSM: s3.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.client.endpoint,
      STARQUAKE_TABLE_PREFIX: PREFIX,
      STARQUAKE_BUCKET: s3.bucket,
      STARQUAKE_BUCKET_IN_PATH: 'true',
      STARQUAKE_REGISTRY: `ssm:${REGISTRY}`,
      STARQUAKE_FUNCTION_PREFIX: 'sq-',
    };
    return { lambda, environment, scratch, deploy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
