// AWS's own runtime client: where its package is installed, functions can run under it instead of the client of this folder.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const PACKAGE = 'aws-lambda-ric';
/** What its installation compiles; without it the package is there and does nothing. */
const ADDON = 'rapid-client.node';

/**
 * Finds AWS's runtime client, the npm package `aws-lambda-ric`, installed and compiled.
 *
 * @param folders - where to look from, the first one first: the app's, for instance
 * @returns the path to start it by; undefined where it is not installed, or was not compiled
 * @example
 * const officialClient = findOfficialClient(['workflows/booking', process.cwd()]);
 * const functions = openIsolatedFunctions({ clock: systemClock, ...(officialClient !== undefined && { officialClient }) });
 */
export const findOfficialClient = (folders: readonly string[]): string | undefined => {
  for (const folder of folders) {
    const found = resolveFrom(folder);
    if (found !== undefined && existsSync(join(dirname(found), ADDON))) return found;
  }
  return undefined;
};

const resolveFrom = (folder: string): string | undefined => {
  try {
    return createRequire(resolve(folder, 'index.js')).resolve(PACKAGE);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
};

/** A folder as a function's code has it on Lambda. */
export interface TaskRoot {
  readonly folder: string;
  remove(): void;
}

/** Makes a folder whose `index.handler` is that of a file: the client takes its code by that name only. */
export const makeTaskRoot = (file: string): TaskRoot => {
  const folder = mkdtempSync(join(tmpdir(), 'starquake-function-'));
  writeFileSync(join(folder, 'index.mjs'), `export * from ${JSON.stringify(pathToFileURL(file).href)};\n`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
