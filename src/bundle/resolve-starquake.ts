// Lets an app import `starquake` wherever its files lie: the name means the package that bundles it.
import type { Plugin } from 'esbuild';
import { findPackageFile } from './package-files.ts';

/** Resolves `starquake` and its parts to this package's own modules. */
export const resolveStarquake: Plugin = {
  name: 'starquake',
  setup: (build) => {
    build.onResolve({ filter: /^starquake(\/|$)/ }, ({ path }) => {
      const part = path.slice('starquake/'.length);
      return { path: findPackageFile(`${part === '' ? 'sdk' : part}/index`), sideEffects: false };
    });
  },
};
