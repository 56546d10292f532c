// Bundles an app again whenever one of its files changes, for `starquake dev`.
import { resolve } from 'node:path';
import { context, type Plugin } from 'esbuild';
import type { StarquakeError } from '../protocol/starquake-error.ts';
import { bundleApp, type Bundle } from './bundle-app.ts';
import type { BundleOptions } from './bundle-options.ts';
import { explainBuildFailure } from './explain-build-failure.ts';
import { resolveStarquake } from './resolve-starquake.ts';

/** A watch that goes on until it is closed. */
export interface AppWatch {
  close(): Promise<void>;
}

/**
 * Bundles an app now and after every change, one bundle at a time.
 *
 * @param onBundle - gets each bundle, or the BUNDLE_FAILED that stands in its place until the source is corrected
 * @example
 * const watch = await watchApp('workflows/booking/app.ts', { outDir, deployment: 'dev' }, (made) => (made instanceof StarquakeError ? report(made) : functions.install(made)));
 */
export const watchApp = async (
  entry: string,
  options: BundleOptions,
  onBundle: (made: Bundle | StarquakeError) => void,
): Promise<AppWatch> => {
  let last = Promise.resolve();
  const bundleAgain: Plugin = {
    name: 'starquake-watch',
    setup: (build) => {
      build.onEnd(() => {
        last = last.then(async () =>
          onBundle(await bundleApp(entry, options).catch((thrown: unknown) => explainBuildFailure(thrown, entry))),
        );
      });
    },
  };
  // Built for nothing but to learn which files there are, and when they change.
  const watched = await context({
    entryPoints: [resolve(entry)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
    plugins: [resolveStarquake, bundleAgain],
  });
  await watched.watch();
  return {
    close: async () => {
      await watched.dispose();
      await last;
    },
  };
};
