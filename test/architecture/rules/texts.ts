// Rules of what no file says: notes of unfinished work, orders to the checkers to look away, places outside the repository.

import { findLine } from '../repository/syntax.ts';
import type { Rule, SourceFile } from '../repository/source-file.ts';

const file = (path: string, text: string): SourceFile => ({ path, text });

// The words are spelt with a character class, so that this file does not find itself.
const unfinished = /\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b/;
const lookAway = /@ts-(ignor[e]|nochec[k])|\b(eslint|oxlint|biome|prettier)-(disabl[e]|ignor[e])/;
const expectError = /@ts-expect-erro[r]/;
const machinePath = /(?<![\w.-])\/(work|root|home|Users|private|tmp)\/[\w.]|[A-Z]:\\\\?Users/;
const registry = /\bregistry\.[a-z0-9-]+\.(com|dev|io|net|org)\b|\/(artifactory|verdaccio|nexus)\//i;
const ownMock = /\bvi\.(doM[o]ck|m[o]ck)\(/;

export const textRules: Rule[] = [
  {
    promise: 'no file has a note of work left undone',
    findViolations: (files) => findMatches(files, unfinished, 'is a note of unfinished work'),
    broken: {
      'a note': [file('src/sdk/a.ts', `// ${'TO'}${'DO'}: later`)],
      'a note in prose': [file('docs/guide.md', `${'FIX'}${'ME'} soon`)],
    },
    kept: { 'a longer word': [file('docs/guide.md', 'The hackathon; mastodon.')] },
  },
  {
    promise: 'no file tells a checker to look away; a test may expect an error of types',
    findViolations: (files) => [
      ...findMatches(files, lookAway, 'tells a checker to look away'),
      ...findMatches(
        files.filter(({ path }) => !path.startsWith('test/')),
        expectError,
        'tells a checker to look away',
      ),
    ],
    broken: {
      'a type error ignored': [file('src/sdk/a.ts', `// @ts-${'ignore'}\nf();`)],
      'a rule switched off': [file('test/unit/a.test.ts', `// oxlint-${'disable'} no-console`)],
      'an expected error outside of tests': [file('src/sdk/a.ts', `// @ts-expect-${'error'}: it is so\nf();`)],
    },
    kept: { 'an expected error in a test': [file('test/unit/a.test.ts', `// @ts-expect-${'error'}: a misspelt unit`)] },
  },
  {
    promise: 'no file names a place of the machine that it was written on',
    findViolations: (files) => findMatches(files, machinePath, 'is a path of one machine'),
    broken: {
      'a home folder': [file('docs/guide.md', `Look into /${'home'}/me/starquake.`)],
      'a folder of work': [file('test/a.ts', `readFileSync('/${'work'}/main/a')`)],
      'a temporary folder by name': [file('test/a.ts', `mkdirSync('/${'tmp'}/a')`)],
    },
    kept: { 'a relative path and an address': [file('docs/guide.md', 'See src/home/a and http://127.0.0.1:4400/runs/work/1.')] },
  },
  {
    promise: 'no file names a package registry: packages are known by name',
    findViolations: (files) => findMatches(files, registry, 'names a package registry'),
    broken: { 'a setting of npm': [file('.npmrc', `registry=https://${'registry'}.example.com/`)] },
    kept: { 'our own port': [file('src/ports/ports.ts', 'registry.list.call(registry); import "./registry.ts";')] },
  },
  {
    promise: 'tests use adapters of a port, and mock none of our own code',
    findViolations: (files) => findMatches(files, ownMock, 'mocks a module'),
    broken: { 'a mocked module': [file('test/unit/a.test.ts', `vi.${'mock'}('../../src/sdk/job.ts')`)] },
    kept: { 'a function that records its calls': [file('test/unit/a.test.ts', 'const heard = vi.fn();')] },
  },
];

function findMatches(files: readonly SourceFile[], pattern: RegExp, complaint: string): string[] {
  return files.flatMap((source) =>
    [...source.text.matchAll(new RegExp(pattern, `g${pattern.flags}`))].map(
      ({ 0: found, index }) => `${source.path}:${findLine(source, index)} "${found}" ${complaint}`,
    ),
  );
}
