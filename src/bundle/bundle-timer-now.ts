// Bundles the timer function before it returns, for the constructors of the CDK, which cannot wait for a promise.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { findPackageFile } from './package-files.ts';

const TIMEOUT_MS = 60_000;

/** What the process of its own does: esbuild builds with plugins only where it may take its time. */
const SCRIPT = `const [, module, outDir] = process.argv; const { bundleTimer } = await import(module); await bundleTimer({ outDir, minify: true });`;

/**
 * Bundles the timer function.
 *
 * @returns the path of its module, which exports `handler`
 * @throws BUNDLE_FAILED
 * @example
 * bundleTimerNow({ outDir: 'cdk.out/timer' }); // '/…/cdk.out/timer/timer.mjs'
 */
export const bundleTimerNow = ({ outDir }: { readonly outDir: string }): string => {
  const folder = resolve(outDir);
  try {
    const module = pathToFileURL(findPackageFile('bundle/bundle-timer')).href;
    execFileSync(process.execPath, ['--input-type=module', '--eval', SCRIPT, module, folder], {
      timeout: TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return join(folder, 'timer.mjs');
  } catch (error) {
    throw new StarquakeError('BUNDLE_FAILED', 'The timer function could not be bundled: the process that does it failed.', {
      cause: error,
    });
  }
};
