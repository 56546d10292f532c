// Rules of how files and folders are called.

import { dirname } from 'node:path/posix';
import type { Rule, SourceFile } from '../repository/source-file.ts';

const file = (path: string): SourceFile => ({ path, text: '' });

const emptyWords = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'shared', 'misc']);

/** Names that tools and habit demand. */
const givenNames = /^(README\.md|LICENSE|\..*)$/;

export const nameRules: Rule[] = [
  {
    promise: 'no folder or file is called utils, helpers, common, shared or misc',
    findViolations: (files) =>
      files.flatMap(({ path }) =>
        path
          .split('/')
          .flatMap((part) => (emptyWords.has(part.replace(/\..*$/, '')) ? `${path}: "${part}" says nothing of what is in it` : [])),
      ),
    broken: {
      'a folder': [file('src/api/helpers/a.ts')],
      'a file': [file('src/api/utils.ts')],
      'a folder of tests': [file('test/shared/a.ts')],
    },
    kept: { 'a longer word': [file('src/api/shared-subscription.ts')] },
  },
  {
    promise: 'files and folders are in kebab-case',
    findViolations: (files) =>
      files.filter(({ path }) => !path.split('/').every(isKebabCase)).map(({ path }) => `${path} is not in kebab-case`),
    broken: { camelCase: [file('src/api/runList.ts')], PascalCase: [file('src/api/Runs.ts')], snake_case: [file('src/run_list/a.ts')] },
    kept: {
      'words, suffixes and numbers': [
        'src/api/run-list.test.ts',
        'docs/decisions/001-embedded-store.md',
        'README.md',
        '.ci/run',
        'tsconfig.build.json',
      ].map(file),
    },
  },
  {
    promise: 'the folders of test/unit mirror those of the source',
    findViolations: (files) => {
      const folders = new Set(files.map(({ path }) => dirname(path)));
      return files
        .filter(({ path }) => path.startsWith('test/unit/'))
        .filter(({ path }) => ['src/', ''].every((root) => !folders.has(root + dirname(path).slice('test/unit/'.length))))
        .map(({ path }) => `${path} is in a folder that the source does not have`);
    },
    broken: { 'a test of nothing': [file('test/unit/lobby/door.test.ts'), file('src/sdk/job.ts')] },
    kept: {
      'a test of a source': [file('test/unit/sdk/job.test.ts'), file('src/sdk/job.ts')],
      'a test of a lambda': [file('test/unit/lambdas/timer.test.ts'), file('lambdas/timer.ts')],
    },
  },
];

function isKebabCase(name: string): boolean {
  return givenNames.test(name) || /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name);
}
