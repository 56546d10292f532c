// The environment of a function's process: what Lambda gives it and what its author does, and nothing of this process.
import { dirname } from 'node:path';
import type { IsolatedFunction } from './isolated-function.ts';

/** Functions have one version here. */
export const FUNCTION_VERSION = '$LATEST';

const REGION = 'us-east-1';

/** The address that a function of this machine goes by. */
export const makeFunctionArn = (name: string): string => `arn:aws:lambda:${REGION}:000000000000:function:${name}`;

/**
 * Makes the environment of an instance.
 *
 * @param runtimeApi - host and port of its Runtime API
 * @param taskRoot - folder of its code; that of its file when left out
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const makeEnvironment = (
  { name, file, memoryMb, environment }: IsolatedFunction,
  runtimeApi: string,
  instance: string,
  taskRoot: string = dirname(file),
): Record<string, string> => ({
  ...environment,
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: FUNCTION_VERSION,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: instance,
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  LAMBDA_TASK_ROOT: taskRoot,
  _HANDLER: 'index.handler',
});
