// Runs `pulsar-admin` of the distribution, as the runbook tells an operator to.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findDistribution } from '../../../src/adapters/pulsar-local/find-distribution.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** Runs one command. @throws Error with what it has written, when it fails */
export const runPulsarAdmin = async (webUrl: string, ...words: readonly string[]): Promise<string> => {
  const home = await findDistribution({ home: process.env['PULSAR_HOME'], fetched: resolve('.starquake', 'pulsar') });
  const env = { ...process.env, PULSAR_MEM: '-Xms16m -Xmx128m', OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1' };
  const { stdout } = await run(join(home, 'bin', 'pulsar-admin'), ['--admin-url', webUrl, ...words], { env, timeout: TIMEOUT_MS });
  return stdout;
};
