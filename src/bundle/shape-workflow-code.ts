// Turns an app's modules into what may run in a realm: no job code, no Node, no schemas of the wire.
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { extname } from 'node:path';
import { transform, type Loader, type OnResolveArgs, type OnResolveResult, type Plugin, type PluginBuild } from 'esbuild';
import { cutJobCode, type KeepsJob } from './cut-job-code.ts';
import { findPackageFile, isPackageFile } from './package-files.ts';

const builtins = new Set(builtinModules);
const passed = Symbol('resolved once');
const loaders: Readonly<Record<string, Loader>> = { '.ts': 'ts', '.mts': 'ts', '.tsx': 'tsx', '.jsx': 'jsx' };

/** Replaces the code of jobs in an app's own modules. */
export const cutJobs = (keeps?: KeepsJob): Plugin => ({
  name: 'starquake-cut-jobs',
  setup: (build) => {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      if (isPackaged(path)) return undefined;
      const source = await readFile(path, 'utf8');
      if (!/['"]starquake['"]/.test(source) || !/\bjob\b/.test(source)) return undefined;
      const { code } = await transform(source, { loader: loaders[extname(path)] ?? 'js', target: 'es2024', sourcefile: path });
      return { contents: cutJobCode(code, keeps), loader: 'js' };
    });
  },
});

/** An import counts only for what is used of it, unless it is written for its effect alone. */
export const dropUnusedImports: Plugin = {
  name: 'starquake-drop-unused',
  setup: (build) => {
    const effects = new Map<string, Promise<ReadonlySet<string>>>();
    build.onResolve({ filter: /./ }, async (request) => {
      if (
        request.pluginData === passed ||
        request.kind !== 'import-statement' ||
        request.namespace !== 'file' ||
        isPackaged(request.importer)
      )
        return undefined;
      if (builtins.has(request.path.replace(/^node:/, ''))) return undefined;
      const known = effects.get(request.importer) ?? findEffects(request.importer);
      effects.set(request.importer, known);
      if ((await known).has(request.path)) return undefined;
      return resolveWithoutEffects(build, request);
    });
  },
};

/** Leaves the schemas of the wire out of code that trusts what it is given; an author's own schemas stay. */
export const leaveOutSchemas: Plugin = {
  name: 'starquake-no-schemas',
  setup: (build) => {
    build.onResolve({ filter: /^zod$/ }, ({ path, importer }) =>
      isPackageFile(importer) ? { path, namespace: 'starquake-no-schemas' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'starquake-no-schemas' }, () => ({ contents: NO_SCHEMAS, loader: 'js' }));
  },
};

/** Node's modules become stand-ins that can be imported, and throw when a run uses them. */
export const standInForBuiltins: Plugin = {
  name: 'starquake-builtins',
  setup: (build) => {
    build.onResolve({ filter: /^(node:)?[a-z0-9_]+(\/[a-z0-9_]+)*$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return path.startsWith('node:') || builtins.has(name)
        ? { path: name, namespace: 'starquake-builtin', sideEffects: false }
        : undefined;
    });
    build.onLoad({ filter: /./, namespace: 'starquake-builtin' }, ({ path }) => ({
      contents: makeStandIn(path),
      loader: 'js',
      resolveDir: '/',
    }));
  },
};

/** Schemas are made while modules load; whoever would use one meets its absence at once. */
const NO_SCHEMAS =
  'export const z = new Proxy(function () {}, { get: (_, key) => (typeof key === "symbol" ? undefined : z), apply: () => z });';

const makeStandIn = (name: string): string => {
  const engine = JSON.stringify(findPackageFile('engine/sandbox/builtin-stand-in'));
  return `const { standInForBuiltin } = require(${engine}); module.exports = standInForBuiltin(${JSON.stringify(name)});`;
};

const isPackaged = (path: string): boolean => /[\\/]node_modules[\\/]/.test(path) || isPackageFile(path);

const findEffects = async (importer: string): Promise<ReadonlySet<string>> => {
  const source = await readFile(importer, 'utf8');
  return new Set([...source.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)].map(([, path = '']) => path));
};

const resolveWithoutEffects = async (build: PluginBuild, { path, kind, importer, resolveDir }: OnResolveArgs): Promise<OnResolveResult> => {
  const { errors, warnings, ...resolved } = await build.resolve(path, { kind, importer, resolveDir, pluginData: passed });
  return { ...resolved, errors, warnings, sideEffects: false };
};
