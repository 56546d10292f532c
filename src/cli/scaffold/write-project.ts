// Writes a new repository, into a folder where there is nothing to lose.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { listAppFiles } from './list-app-files.ts';
import { listToolFiles } from './list-tool-files.ts';
import type { Project } from './project.ts';
import { writeReadme } from './write-readme.ts';

/** What git leaves in a folder that is new. */
const harmless: readonly string[] = ['.git'];

/**
 * Writes a new repository.
 *
 * @param folder - made if it is not there; holds nothing but a `.git` otherwise
 * @returns the paths of the files, in the folder
 * @throws SETTINGS_INVALID if there is something in the folder, or it is a file
 */
export const writeProject = async (folder: string, project: Project): Promise<readonly string[]> => {
  const present = await listFolder(folder);
  const [first] = present.filter((name) => !harmless.includes(name));
  if (first !== undefined)
    throw new StarquakeError('SETTINGS_INVALID', `The folder "${folder}" is not empty: "${first}" is in it.`, {
      hint: 'Name a folder that is new or empty; nothing was written.',
    });
  const files = { ...listToolFiles(project), 'README.md': writeReadme(project), ...listAppFiles(project) };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
  return Object.keys(files);
};

const listFolder = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new StarquakeError('SETTINGS_INVALID', `"${folder}" cannot be a new folder: ${String(cause)}`, { cause });
  }
};
