// The documentation says what is so: its examples compile, its commands are understood, its links lead somewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as sdk from '../../src/sdk/index.ts';
import { openApi, type ApiHarness } from '../unit/api/api-harness.ts';
import { checkCommand, checkNamedCommand, listCommands, makeProgram, type KnownThings } from './check-command.ts';
import { checkLinks } from './check-links.ts';
import { compileExamples } from './compile-examples.ts';
import { listDocuments } from './list-documents.ts';
import { parseDocument, type Document } from './read-document.ts';
import { splitCommands } from './split-commands.ts';

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) });
const { scripts } = packageSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));

let harness: ApiHarness;
let pages: readonly Document[];
let known: KnownThings;
let guide: string;

beforeAll(async () => {
  harness = await openApi();
  pages = await listDocuments();
  const routes = harness.api.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  known = { scripts: Object.keys(scripts), routes: [...new Set(routes)] };
  guide = readFileSync('docs/guide.md', 'utf8');
});
afterAll(() => harness.close());

const checkCommands = async (documents: readonly Document[]): Promise<readonly string[]> => {
  const found = documents.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => language === 'sh')
      .flatMap((block) => splitCommands(block.text).map(({ line, words }) => ({ at: `${path}:${block.line + line}`, words }))),
  );
  const complaints = await Promise.all(found.map(async ({ at, words }) => ({ at, complaint: await checkCommand(words, known) })));
  return complaints.flatMap(({ at, complaint }) => (complaint === undefined ? [] : [`${at}: ${complaint}`]));
};

describe('the documentation', () => {
  it('has only TypeScript that compiles', async () => {
    expect(await compileExamples(pages)).toEqual([]);
  }, 60_000);

  it('has only commands that are understood', async () => {
    expect(await checkCommands(pages)).toEqual([]);
  });

  it('names only commands that there are', () => {
    const named = pages.flatMap(({ path, codes }) =>
      codes.filter(({ text }) => text.startsWith('starquake ')).map(({ line, text }) => ({ at: `${path}:${line}`, text })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.flatMap(({ at, text }) => checkNamedCommand(text)?.replace(/^/, `${at}: `) ?? [])).toEqual([]);
  });

  it('has only links and paths that lead somewhere', () => {
    expect(pages.flatMap((page) => checkLinks(page, pages))).toEqual([]);
  });
});

describe('the README', () => {
  it('is headed by the two commands', () => {
    const [first] = pages.find(({ path }) => path === 'README.md')?.blocks ?? [];
    expect(first?.text.split('\n').map((line) => line.replace(/ *#.*/, ''))).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  it('maps every folder that there is, and no other', () => {
    const [map] =
      pages
        .find(({ path }) => path === 'README.md')
        ?.blocks.filter(({ chapter, language }) => chapter === 'The map' && language === 'text') ?? [];
    const mapped = map?.text.split('\n').flatMap((line) => /^([\w./-]+)\/ /.exec(line)?.[1] ?? []) ?? [];
    const folders = (path: string): string[] =>
      readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
    const top = folders('.').filter((name) => !name.startsWith('.') && !['node_modules', 'dist', 'coverage', 'src'].includes(name));
    expect(mapped.toSorted()).toEqual([...top, ...folders('src').map((name) => `src/${name}`)].toSorted());
  });
});

describe('the guide', () => {
  it('has every command', () => {
    expect(listCommands(makeProgram()).filter((name) => !guide.includes(`starquake ${name}`))).toEqual([]);
  });

  it('has every route of the API', () => {
    expect(known.routes.filter((route) => route !== 'GET /openapi.json' && !guide.includes(`${route.replace(' ', ' `')}\``))).toEqual([]);
  });

  it('has every name that authors import', () => {
    expect(Object.keys(sdk).filter((name) => !guide.includes(name))).toEqual([]);
  });
});

describe('the checks of the documentation', () => {
  const page = (text: string): Document => parseDocument('docs/planted.md', text);

  it('name the line of an example that does not compile', async () => {
    const planted = page(
      "## Jobs\n\n```ts\nimport { job } from 'starquake';\n\njob({ name: 'a', run: (count: number) => count, timeout: '3 parsecs' });\n```\n",
    );
    expect(await compileExamples([planted])).toEqual([expect.stringMatching(/^docs\/planted\.md:6: error TS2322: .*parsecs/)]);
  }, 60_000);

  it('take the examples of a chapter for one module, and a named file for that file', async () => {
    const planted = page(
      '## One\n\n```ts\n// first.ts\nexport const a = 1;\n```\n\n```ts\nimport { a } from "./first.ts";\nconst b = a;\n```\n\n```ts\nconst c: number = b;\n```\n\n## Two\n\n```ts\nconst b = "another";\n```\n',
    );
    expect(await compileExamples([planted])).toEqual([]);
  }, 60_000);

  it('name the line of a command with an unknown option, script, route or command', async () => {
    const block = [
      'starquake start booking/book-trip --wait',
      'npm run -s starquake -- list --colour',
      'npm run nothing',
      'curl http://127.0.0.1:4400/nowhere',
      'curl -X POST http://127.0.0.1:4400/runs/trip-1/cancel',
      'rm -rf .',
    ].join('\n');
    expect(await checkCommands([page(`\`\`\`sh\n${block}\n\`\`\``)])).toEqual([
      "docs/planted.md:3: error: unknown option '--colour'",
      'docs/planted.md:4: there is no npm script "nothing"',
      'docs/planted.md:5: the API has no GET /nowhere',
      'docs/planted.md:7: "rm" is a command that no reader is known to have',
    ]);
    expect(checkNamedCommand('starquake job retry <run> <job> --new-key')).toBeUndefined();
    expect(checkNamedCommand('starquake job repeat')).toMatch('no command "repeat"');
    expect(checkNamedCommand('starquake job retry --newer')).toMatch('unknown option --newer');
  });

  it('name the line of a link that leads nowhere', () => {
    const planted = page('# Top of it\n\n[here](#top-of-it) [gone](gone.md) [guide](guide.md#nowhere) `src/nowhere/`');
    expect(checkLinks(planted, [planted])).toEqual([
      'docs/planted.md:3: there is no docs/gone.md',
      'docs/planted.md:3: docs/guide.md has no heading "#nowhere"',
      'docs/planted.md:3: there is no src/nowhere/',
    ]);
  });

  it('read what stands in quotes as one word, and what stands behind # as a remark', () => {
    expect(
      splitCommands(`STARQUAKE_URL=http://x starquake signal a b --value '{"by": "ann"}' # sends it\nnpm ci && npm \\\n  test`),
    ).toEqual([
      { line: 0, words: ['starquake', 'signal', 'a', 'b', '--value', '{"by": "ann"}'] },
      { line: 1, words: ['npm', 'ci'] },
      { line: 1, words: ['npm', 'test'] },
    ]);
  });
});
