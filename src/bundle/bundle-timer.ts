// Makes the engine's own timer function, which is the same for every app.
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TIMER_FUNCTION } from '../protocol/manifest.ts';
import { buildModule } from './build-module.ts';
import type { BundledFunction } from './bundle-app.ts';
import type { BundleOptions } from './bundle-options.ts';
import { findPackageFile } from './package-files.ts';
import { replaceFile } from './replace-file.ts';
import { leaveOutSchemas } from './shape-workflow-code.ts';

const MEMORY_MB = 256;

/**
 * Bundles the timer function; it is installed and deployed beside those of apps.
 *
 * @example
 * functions.install(await bundleTimer({ outDir: '.starquake/functions' }));
 */
export const bundleTimer = async ({
  outDir,
  minify = false,
}: Pick<BundleOptions, 'outDir' | 'minify'>): Promise<{ readonly functions: readonly BundledFunction[] }> => {
  const { text } = await buildModule({
    format: 'esm',
    minify,
    plugins: [leaveOutSchemas],
    modules: { main: `export { handler } from ${JSON.stringify(findPackageFile('lambdas/timer'))};` },
  });
  await mkdir(outDir, { recursive: true });
  const file = resolve(outDir, 'timer.mjs');
  await replaceFile(file, text);
  return { functions: [{ name: TIMER_FUNCTION, kind: 'timer', file, memoryMb: MEMORY_MB }] };
};
