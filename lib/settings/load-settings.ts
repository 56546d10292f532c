// Finds the settings file and hands over what it exports.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';

/** Looked for in the working folder unless another path is given. */
export const SETTINGS_FILE = 'starquake.config.ts';

/**
 * Loads the settings file.
 *
 * @param folder - the working folder
 * @param path - of another file; it must be there then
 * @returns what it exports, not yet checked; undefined when there is no file and none was asked for
 * @throws SETTINGS_INVALID when the file is not there, cannot be run or exports nothing
 * @example
 * readSettings(await loadSettings(process.cwd()));
 */
export const loadSettings = async (folder: string, path?: string): Promise<unknown> => {
  const file = resolve(folder, path ?? SETTINGS_FILE);
  if (!existsSync(file)) {
    if (path === undefined) return undefined;
    throw new StarquakeError('SETTINGS_INVALID', `There is no settings file ${file}.`, { hint: 'Correct `-c config=`, or leave it out.' });
  }
  const exported: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw new StarquakeError('SETTINGS_INVALID', `The settings file ${file} cannot be run: ${String(cause)}`, {
      hint: 'Correct the file; it is a module that Node runs as it is.',
      cause,
    });
  });
  const settings: unknown = typeof exported === 'object' && exported !== null ? Reflect.get(exported, 'default') : undefined;
  if (settings !== undefined) return settings;
  throw new StarquakeError('SETTINGS_INVALID', `The settings file ${file} exports no settings.`, {
    hint: 'Write `export default defineSettings({ ... })` in it.',
  });
};
