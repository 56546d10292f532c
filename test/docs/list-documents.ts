// Lists the pages of the documentation: the README and everything under `docs/`.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { readDocument, type Document } from './read-document.ts';

/** All pages, from the root of the repository. */
export const listDocuments = async (): Promise<readonly Document[]> => {
  const names = await readdir('docs', { recursive: true });
  const pages = names.map((name) => join('docs', name.replaceAll('\\', '/'))).filter((path) => path.endsWith('.md'));
  return Promise.all(['README.md', ...pages.toSorted()].map(readDocument));
};
