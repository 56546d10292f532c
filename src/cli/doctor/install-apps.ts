// Bundles apps and installs their functions, so that they can be asked; an app that does not bundle is told, not thrown.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle-app.ts';
import { findHint } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { AppState } from './doctor-parts.ts';

/** Takes functions. */
export interface InstallableFunctions {
  install(bundle: Pick<Bundle, 'functions'>): void;
}

/** Apps that were installed. */
export interface InstalledApps {
  readonly apps: readonly AppState[];
  /** Removes their bundles. */
  remove(): Promise<void>;
}

/**
 * Installs the engine's timer function and the functions of apps.
 *
 * @throws BUNDLE_FAILED when the timer function does not bundle
 */
export const installApps = async (entries: readonly string[], functions: InstallableFunctions): Promise<InstalledApps> => {
  // Loaded only here: the bundler is large, and tests without apps do without.
  const [{ bundleApp }, { bundleTimer }] = await Promise.all([
    import('../../bundle/bundle-app.ts'),
    import('../../bundle/bundle-timer.ts'),
  ]);
  const scratch = await mkdtemp(join(tmpdir(), 'starquake-doctor-'));
  const install = async (entry: string, index: number): Promise<AppState> => {
    try {
      const bundle = await bundleApp(entry, { outDir: join(scratch, String(index)), deployment: 'doctor' });
      functions.install(bundle);
      return { entry, manifest: bundle.manifest };
    } catch (error) {
      if (!(error instanceof StarquakeError)) throw error;
      return { entry, code: error.code, message: error.message, hint: findHint(error) };
    }
  };
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    functions.install(await bundleTimer({ outDir: join(scratch, 'timer') }));
    return { apps: await Promise.all(entries.map(install)), remove };
  } catch (error) {
    await remove();
    throw error;
  }
};
