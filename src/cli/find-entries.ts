// Finds the apps that `dev` is to run: those that were named, or the one that lies where apps usually lie.
import { existsSync } from 'node:fs';
import { StarquakeError } from '../protocol/starquake-error.ts';

const usual = ['workflows/booking/app.ts', 'app.ts', 'src/app.ts'];

/**
 * Entry files of apps.
 *
 * @param named - what was given on the command line
 * @throws SETTINGS_INVALID if there is none
 */
export const findEntries = (named: readonly string[]): readonly string[] => {
  const missing = named.find((entry) => !existsSync(entry));
  if (missing !== undefined)
    throw new StarquakeError('SETTINGS_INVALID', `There is no file "${missing}".`, {
      hint: 'Name the file that exports the app as default.',
    });
  if (named.length > 0) return named;
  const found = usual.find((entry) => existsSync(entry));
  if (found === undefined)
    throw new StarquakeError('SETTINGS_INVALID', `No app was named, and there is none at ${usual.join(', ')}.`, {
      hint: 'Name it: starquake dev my-app.ts',
    });
  return [found];
};
