// Follows the links and the paths that a page names, to find those that lead nowhere.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import type { Document } from './read-document.ts';

/** How a heading is named in a link. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

const rootFolders = /^(\.ci|bench|docs|lambdas|src|test|workflows)\/[\w./-]*$/;

const checkLink = (page: Document, target: string, pages: readonly Document[]): string | undefined => {
  if (/^https?:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page.path : join(dirname(page.path), path);
  if (!existsSync(file) && pages.every((candidate) => candidate.path !== file)) return `there is no ${file}`;
  if (anchor === undefined) return undefined;
  const headings = pages.find((candidate) => candidate.path === file)?.headings ?? [];
  return headings.some(({ text }) => slug(text) === anchor) ? undefined : `${file} has no heading "#${anchor}"`;
};

/**
 * Says which links and paths of a page lead nowhere.
 *
 * @param pages - all pages, whose headings links may name
 * @returns as `page:line: message`
 */
export const checkLinks = (page: Document, pages: readonly Document[]): readonly string[] => [
  ...page.links.flatMap(({ line, text }) => {
    const complaint = checkLink(page, text, pages);
    return complaint === undefined ? [] : [`${page.path}:${line}: ${complaint}`];
  }),
  ...page.codes.flatMap(({ line, text }) =>
    rootFolders.test(text) && !existsSync(text) ? [`${page.path}:${line}: there is no ${text}`] : [],
  ),
];
