// Runs the real command line of the CDK as an operator does, with everything that it asks of AWS sent to an emulator.
import { execFile } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where a command finds an account. */
export interface CdkPlace {
  /** Of the emulator, by the name `localhost`: buckets become part of it. */
  readonly endpoint: string;
  readonly region: string;
  /** Is home to its caches, and has no credentials of anybody. */
  readonly home: string;
}

const LONGEST_MS = 170_000;
const COMMAND = resolve('node_modules', 'aws-cdk', 'bin', 'cdk');

/**
 * Runs a command of the CDK.
 *
 * @param words - as in `['deploy', '--all']`
 * @returns what it wrote
 * @throws Error of the process, with what it wrote
 */
export const runCdk = async (words: readonly string[], { endpoint, region, home }: CdkPlace): Promise<string> => {
  const { stdout, stderr } = await run(process.execPath, [COMMAND, ...words, '--no-notices', '--ci'], {
    timeout: LONGEST_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: [resolve('node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter),
      HOME: home,
      TMPDIR: home,
      CI: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(home, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'no-credentials'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  });
  return stdout + stderr;
};
