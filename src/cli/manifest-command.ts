// `starquake manifest`: what an app offers, as the connector will see it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { findEntries } from './find-entries.ts';
import { withProgress, type Terminal } from './terminal/terminal.ts';

/** Adds `manifest`. */
export const addManifestCommand = (program: Command, terminal: Terminal): void => {
  program
    .command('manifest')
    .summary('show what an app offers')
    .description('Bundles an app and shows its manifest: workflows, jobs, schedules and the functions that they run as.')
    .argument('<entry>', 'file that exports the app as default')
    .action(async (entry: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      findEntries([entry]);
      const outDir = await mkdtemp(join(tmpdir(), 'starquake-manifest-'));
      try {
        const { bundleApp } = await import('../bundle/bundle-app.ts');
        const { manifest } = await withProgress(terminal, `bundling ${entry} …`, () => bundleApp(entry, { outDir }));
        answer(terminal, options, manifest, () => JSON.stringify(manifest, undefined, 2));
      } finally {
        await rm(outDir, { recursive: true, force: true });
      }
    });
};
