// Makes a variant of the connector with a bug planted: its sources with a few words changed, bundled apart from the real one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { StartConnector } from '../actors/fleet.ts';

/** A change of words in one source file. */
export interface Patch {
  /** Path from `src`. */
  readonly file: string;
  /** Is there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const source = (path: string): string => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url));

const change = async (path: string, patches: readonly Patch[]): Promise<string> => {
  let text = await readFile(path, 'utf8');
  for (const { file, find, replace } of patches) {
    const places = text.split(find).length - 1;
    if (places !== 1) throw new Error(`${file} has ${places} places that read "${find}"; the planted bug does not fit it any more.`);
    text = text.replace(find, () => replace);
  }
  return text;
};

const plant = (patches: readonly Patch[], planted: Set<string>): Plugin => ({
  name: 'plant',
  setup: (bundling) => {
    const byFile = Map.groupBy(patches, ({ file }) => source(file));
    bundling.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const mine = byFile.get(path);
      if (!mine) return undefined;
      planted.add(path);
      return { contents: await change(path, mine), loader: 'ts' };
    });
  },
});

/**
 * Bundles the connector with patches.
 *
 * @throws if a patch does not fit exactly once, or its file is no part of the connector
 */
export const bundleVariant = async (patches: readonly Patch[]): Promise<StartConnector> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-variant-'));
  const file = join(folder, 'connector.mjs');
  const planted = new Set<string>();
  try {
    await build({
      entryPoints: [source('connector/connector.ts')],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      plugins: [plant(patches, planted)],
    });
    const missed = patches.find((patch) => !planted.has(source(patch.file)));
    if (missed) throw new Error(`${missed.file} is no part of the connector.`);
    const variant = (await import(pathToFileURL(file).href)) as { readonly startConnector: StartConnector };
    return variant.startConnector;
  } finally {
    await rm(folder, { recursive: true });
  }
};
