// Reads every text file of the repository that people write.

import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from './source-file.ts';

const madeByTools = new Set(['node_modules', 'dist', 'coverage', '.git', '.starquake', 'package-lock.json']);

/** @param root the folder of the repository. */
export function readRepository(root: string): SourceFile[] {
  return listFiles(root)
    .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (madeByTools.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path);
    return entry.isFile() ? [path] : [];
  });
}
