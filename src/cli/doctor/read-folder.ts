// Looks at a data folder from outside: nothing in it is opened, so an engine that has it is not disturbed.
import { constants } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { DataState } from './doctor-parts.ts';

/** Makes this process the only user of a folder; answers how to let go. Rejects with DATA_IN_USE where another process has it. */
export type LockFolder = (folder: string) => Promise<() => Promise<void>>;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** How the folder is. */
export const readFolder = async (lockFolder: LockFolder, folder: string): Promise<DataState> => {
  const exists = await stat(folder).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
  if (!exists) return { exists, holder: undefined, closed: [], freeBytes: 0, totalBytes: 0 };
  const { bavail, blocks, bsize } = await statfs(folder);
  return {
    exists,
    holder: await findHolder(lockFolder, folder),
    closed: await listClosed(folder),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
  };
};

const findHolder = async (lockFolder: LockFolder, folder: string): Promise<string | undefined> => {
  try {
    const unlock = await lockFolder(folder);
    await unlock();
    return undefined;
  } catch (error) {
    if (error instanceof StarquakeError && error.code === 'DATA_IN_USE') return error.message;
    throw error;
  }
};

/** What stands directly in the folder, and in the folders of the log, where a file that cannot be opened stops the engine. */
const LOGS = ['', 'journal', 'retained'];

const listClosed = async (folder: string): Promise<readonly string[]> => {
  const names = await Promise.all(LOGS.map((log) => listNames(join(folder, log))));
  const closed = await Promise.all([folder, ...names.flat()].map(async (path) => ((await isOpen(path)) ? [] : [path])));
  return [...new Set(closed.flat())];
};

const listNames = async (folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).map((name) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    // That it cannot be read is told of the folder itself.
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return [];
    throw error;
  }
};

const isOpen = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    // One that was removed meanwhile is none that is closed.
    isMissing,
  );
