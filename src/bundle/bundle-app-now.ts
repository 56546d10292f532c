// Bundles an app before it returns, for the constructors of the CDK, which cannot wait for a promise.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Bundle } from './bundle-app.ts';
import { bundleAnswerSchema, type BundleTask } from './bundle-task.ts';
import { findPackageFile } from './package-files.ts';

const TIMEOUT_MS = 120_000;
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Bundles an app for Lambda in a process of its own, and waits: shortened code, one function for each job.
 *
 * esbuild can build at once (`buildSync`), but takes no plugins then, and a bundle is made by plugins.
 *
 * @param entry - path of the file that exports the app as default
 * @throws BUNDLE_FAILED with file and line; APP_INVALID and others if the app's definitions say so
 * @example
 * const { manifest, functions } = bundleAppNow('workflows/booking/app.ts', { outDir: 'cdk.out/booking' });
 */
export const bundleAppNow = (entry: string, { outDir }: { readonly outDir: string }): Bundle => {
  const task: BundleTask = { entry: resolve(entry), options: { outDir: resolve(outDir), minify: true, jobs: 'each' } };
  const answer = bundleAnswerSchema.parse(JSON.parse(ask(task)));
  if ('bundle' in answer) return answer.bundle;
  throw new StarquakeError(answer.error.code, answer.error.message, { hint: answer.error.hint });
};

const ask = (task: BundleTask): string => {
  try {
    return execFileSync(process.execPath, [findPackageFile('bundle/bundle-process'), JSON.stringify(task)], {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: LONGEST_ANSWER_BYTES,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    throw new StarquakeError('BUNDLE_FAILED', `${task.entry} could not be bundled: the process that does it ended without an answer.`, {
      cause: error,
    });
  }
};
