// Stands in for AWS as a whole: DynamoDB's local server with the tables, S3 and Systems Manager, and Lambda with the functions of apps in processes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableDefinitions } from '../../../src/platform/tables.ts';
import { openSsmRegistry } from '../../../src/adapters/ssm/ssm-registry.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { bundleApp } from '../../../src/bundle/bundle-app.ts';
import { bundleTimer } from '../../../src/bundle/bundle-timer.ts';
import { createTable } from '../dynamodb/create-table.ts';
import { startDynamoDbLocal } from '../dynamodb/start-dynamodb-local.ts';
import { startLambda, type LambdaStandIn } from '../lambda/start-lambda.ts';
import { startS3 } from '../offload/start-s3.ts';

/** All of it, with an app deployed. */
export interface LocalAws {
  readonly lambda: LambdaStandIn;
  /** What a connector's environment needs to find it. */
  readonly environment: Readonly<Record<string, string>>;
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

/** Starts it, and deploys an app. @param entry - entry file of the app */
export const startAws = async (entry: string): Promise<LocalAws> => {
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
      bundleApp(entry, { outDir: join(scratch, 'app'), deployment: 'd1', jobs: 'each' }),
    ]);
    for (const bundle of [timer, app]) lambda.install(bundle);
    const client = { region: REGION, endpoint: s3.endpoint, credentials: CREDENTIALS };
    const registry = openSsmRegistry({ clock: systemClock, folder: REGISTRY, client, report });
    await registry.put(app.manifest, CALL);
    registry.close();
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
    return { lambda, environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
