// Runs the suite of functions on the AWS SDK and what stands in for Lambda here: real handlers in processes of their own.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { openLambdaFunctions } from '../../src/adapters/lambda/lambda-functions.ts';
import { startLambda, type LambdaStandIn } from '../support/lambda/start-lambda.ts';
import { contractFunctions, describeFunctions } from './functions.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../support/functions/${name}.ts`, import.meta.url));

let lambda: LambdaStandIn;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.stop());

describeFunctions('Lambda', (clock) => {
  lambda.install({ functions: contractFunctions.map((name) => ({ name, file: fileOf(name), memoryMb: 256 })) });
  const functions = openLambdaFunctions({ clock, prefix: '', client: lambda.client });
  return { functions, losesCodes: true, close: () => Promise.resolve(functions.close()) };
});
