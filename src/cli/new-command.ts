// `starquake new`: an author's own repository, ready to run, test and deploy.
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { readVersion } from '../connector/service/read-version.ts';
import { checkName } from '../sdk/name.ts';
import { readToolVersions } from './scaffold/read-tool-versions.ts';
import { writeProject } from './scaffold/write-project.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import type { Terminal } from './terminal/terminal.ts';

interface NewOptions {
  readonly name?: string;
  readonly engine: string;
  readonly starquake: string;
}

/** What a folder's name becomes as the name of an app. */
const toName = (folder: string): string =>
  basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Adds `new`. */
export const addNewCommand = (program: Command, terminal: Terminal): void => {
  program
    .command('new')
    .summary('begin a repository for an app')
    .description(
      'Writes a repository with one workflow, one job, a test and a stack that joins an engine already deployed. The folder must be new or empty.',
    )
    .argument('<folder>', 'where to write it')
    .option('--name <name>', 'of the app, in kebab-case (default: the name of the folder)')
    .option('--engine <name>', 'name of the platform that the app joins', 'starquake')
    .option('--starquake <version>', 'what npm installs as starquake: a version, or file: and the path of a tarball', readVersion())
    .action(async (folder: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & NewOptions>();
      const { name: app = toName(folder), engine, starquake } = options;
      checkName('app', app);
      checkName('platform', engine);
      const files = await writeProject(folder, { app, engine, starquake, versions: readToolVersions() });
      answer(terminal, options, { app, folder: resolve(folder), files }, () =>
        [`The app "${app}" is in ${folder}. Go on with:`, '', `  cd ${folder}`, '  npm install', '  npm test', '  npm start'].join('\n'),
      );
    });
};
