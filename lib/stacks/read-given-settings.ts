// Puts together what the file and the command line say, and explains to a person what is wrong with it.
import type { App } from 'aws-cdk-lib';
import { findHint } from '../../src/protocol/errors.ts';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Settings } from '../settings/settings.ts';

const readContext = (app: App, key: string): string | undefined => {
  const value: unknown = app.node.tryGetContext(key);
  return typeof value === 'string' ? value : undefined;
};

/**
 * Reads the settings of a `cdk` command: the file of the working folder or of `-c config=`, and `-c size=` over it.
 *
 * @param folder - the working folder
 * @returns undefined when they cannot be used; the reason is on standard error then, and the process will end with 1
 * @example
 * const settings = await readGivenSettings(app, process.cwd());
 */
export const readGivenSettings = async (app: App, folder: string): Promise<Settings | undefined> => {
  try {
    const written = await loadSettings(folder, readContext(app, 'config'));
    const size = readContext(app, 'size');
    return readSettings(written, { ...(size !== undefined && { size }) });
  } catch (error) {
    if (!(error instanceof StarquakeError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${findHint(error)}\n`);
    process.exitCode = 1;
    return undefined;
  }
};
