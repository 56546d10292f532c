// The one place that calls esbuild: builds a module that exists only as text, and answers with the built text and its sources.
import { dirname, resolve } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { packageRoot } from './package-files.ts';
import { resolveStarquake } from './resolve-starquake.ts';

/** A module built into one text. */
export interface BuiltModule {
  readonly text: string;
  /** Files that it was built of, as absolute paths. */
  readonly sources: readonly string[];
}

/** What to build. */
export interface ModuleToBuild {
  /** Name to text of the modules that exist only as text; `main` is the entry. */
  readonly modules: Readonly<Record<string, string>>;
  readonly format: 'esm' | 'iife';
  readonly minify: boolean;
  readonly plugins?: readonly Plugin[];
}

const forNode: BuildOptions = {
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  // Packages in CommonJS ask for `require`, which a module does not have.
  banner: {
    js: "import { createRequire as starquakeCreateRequire } from 'node:module';\nconst require = starquakeCreateRequire(import.meta.url);",
  },
};

const forRealm: BuildOptions = {
  platform: 'neutral',
  target: 'es2024',
  mainFields: ['module', 'main'],
  globalName: 'starquakeBundle',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  // A dynamic import of what is not in the bundle becomes a `require`, which a guard stands in for.
  supported: { 'dynamic-import': false },
};

/** @throws esbuild's BuildFailure */
export const buildModule = async ({ modules, format, minify, plugins = [] }: ModuleToBuild): Promise<BuiltModule> => {
  const absWorkingDir = dirname(packageRoot);
  const result = await build({
    ...(format === 'esm' ? forNode : forRealm),
    entryPoints: ['starquake:main'],
    plugins: [fromText(modules), ...plugins, resolveStarquake],
    absWorkingDir,
    bundle: true,
    format,
    minify,
    keepNames: minify,
    write: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'silent',
    charset: 'utf8',
  });
  const [output] = result.outputFiles;
  const sources = Object.keys(result.metafile.inputs).filter((input) => !input.startsWith('starquake-'));
  return { text: output?.text ?? '', sources: sources.map((source) => resolve(absWorkingDir, source)) };
};

const fromText = (modules: Readonly<Record<string, string>>): Plugin => ({
  name: 'starquake-text',
  setup: (build) => {
    build.onResolve({ filter: /^starquake:/ }, ({ path }) => ({ path: path.slice('starquake:'.length), namespace: 'starquake-text' }));
    build.onLoad({ filter: /./, namespace: 'starquake-text' }, ({ path }) => ({
      contents: modules[path] ?? '',
      loader: 'js',
      resolveDir: packageRoot,
    }));
  },
});
