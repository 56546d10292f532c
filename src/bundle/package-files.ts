// Finds this package's own files, as source or as built, so that bundles are made of the very release that makes them.
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StarquakeError } from '../protocol/starquake-error.ts';

const here = fileURLToPath(import.meta.url);
/** This file's own ending says what the package is made of where it runs. */
const extension = here.endsWith('.ts') ? '.ts' : '.js';
/** `src` of the repository, or `dist` of the published package. */
export const packageRoot = dirname(dirname(here));

/**
 * The path of a module of this package.
 *
 * @param name - path from `src` without its ending, such as `sdk/index`, or one of `lambdas/...`
 * @throws INTERNAL if the package lacks it
 */
export const findPackageFile = (name: string): string => {
  const candidates = [join(packageRoot, name + extension), join(dirname(packageRoot), name + extension)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new StarquakeError('INTERNAL', `This installation of starquake lacks ${name}${extension}.`, { hint: 'Install it again.' });
};

/** Whether a file belongs to this package rather than to an author. */
export const isPackageFile = (path: string): boolean =>
  [packageRoot, join(dirname(packageRoot), 'lambdas')].some((folder) => path.startsWith(folder + sep));
