// Resolves what files import to the files of the repository and to the modules outside it.

import { posix } from 'node:path';
import { ownEntries } from './rooms.ts';
import { listImports } from './syntax.ts';
import type { SourceFile } from './source-file.ts';

/** One import: `target` is the path of a file of the repository, `module` the name of something outside it. */
export type Import = { readonly from: string; readonly target: string; readonly module?: never } | OutsideImport;

export type OutsideImport = { readonly from: string; readonly target?: never; readonly module: string };

/** Lists every import of every TypeScript file. */
export function resolveImports(files: readonly SourceFile[]): Import[] {
  return files.flatMap((file) => listImports(file).map((specifier) => resolveImport(file.path, specifier)));
}

function resolveImport(from: string, specifier: string): Import {
  if (specifier.startsWith('.')) return { from, target: posix.join(posix.dirname(from), specifier) };
  const target = ownEntries[specifier];
  return target === undefined ? { from, module: specifier } : { from, target };
}
