// Compiles the TypeScript of the documentation as its reader would: with this repository's settings, against the package's own entries.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Document } from './read-document.ts';

const cache = 'node_modules/.cache';

/** A file of examples, whose lines are the lines of its page. */
interface ExampleFile {
  readonly page: string;
  readonly name: string;
  readonly text: string;
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** The examples of a chapter are one module together; one that opens with a file name is that file, for the others of its page to import. */
const listFiles = ({ path, blocks }: Document): ExampleFile[] => {
  const examples = blocks.filter(({ language }) => language === 'ts');
  const files = Map.groupBy(examples, ({ text, chapter }) => /^\/\/ (\S+\.ts)\n/.exec(text)?.[1] ?? `chapter-${slug(chapter)}.ts`);
  return [...files].map(([name, parts]) => {
    const lines: string[] = [];
    for (const { line, text } of parts) {
      while (lines.length < line - 1) lines.push('');
      lines.push(...text.split('\n'));
    }
    return { page: path, name, text: `${lines.join('\n')}\nexport {};\n` };
  });
};

const settings = (files: readonly string[]): string =>
  JSON.stringify({
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths: Object.fromEntries(
        Object.entries({ '': 'src/sdk', '/client': 'src/client', '/testing': 'src/testing', '/cdk': 'lib' }).map(([part, folder]) => [
          `starquake${part}`,
          [resolve(folder, 'index.ts')],
        ]),
      ),
    },
    files,
    include: [],
  });

const run = async (folder: string): Promise<string> => {
  try {
    await promisify(execFile)(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false']);
    return '';
  } catch (error) {
    const { stdout }: { stdout?: unknown } = Object(error);
    if (typeof stdout === 'string' && stdout !== '') return stdout;
    throw error;
  }
};

/**
 * Compiles all examples.
 *
 * @returns what the compiler complains about, as `page:line: message`
 */
export const compileExamples = async (documents: readonly Document[]): Promise<readonly string[]> => {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'starquake-docs-'));
  try {
    const files = documents.flatMap(listFiles).map((file) => ({ ...file, path: join(slug(file.page), file.name) }));
    for (const { page } of files) await mkdir(join(folder, slug(page)), { recursive: true });
    await Promise.all(files.map(({ path, text }) => writeFile(join(folder, path), text)));
    await writeFile(join(folder, 'tsconfig.json'), settings(files.map(({ path }) => path)));
    const complaints = (await run(folder)).split('\n').filter((line) => line !== '');
    return complaints.map((complaint) => {
      const [, place = '', line = '', message = ''] = /^(.*?)\((\d+),\d+\): (.*)$/.exec(complaint) ?? [];
      const file = files.find(({ path }) => resolve(folder, path) === resolve(place));
      return file ? `${file.page}:${line}: ${message}` : complaint;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
