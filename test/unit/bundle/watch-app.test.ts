// Proves that an app is bundled again when its source changes, and that a mistake in it is told and not fatal.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchApp } from '../../../src/bundle/watch-app.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';

const source = (name: string): string =>
  `import { app, workflow } from 'starquake'; export default app({ name: 'watched', workflows: [workflow({ name: '${name}', run: async () => 1 })] });`;

it('a change brings a new bundle, a mistake brings an error, and its correction a bundle again', { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-watch-'));
  const entry = join(folder, 'app.ts');
  const made: string[] = [];
  const steps: readonly [wait: string, then: string][] = [
    ['one', source('two')],
    ['two', 'const = mistake;'],
    ['BUNDLE_FAILED', source('three')],
    ['three', ''],
  ];
  const done = Promise.withResolvers<void>();
  await writeFile(entry, source('one'));
  const watch = await watchApp(entry, { outDir: join(folder, 'out'), deployment: 'dev' }, (outcome) => {
    const what = outcome instanceof StarquakeError ? outcome.code : (outcome.manifest.workflows[0]?.name ?? '');
    if (made.at(-1) === what) return;
    made.push(what);
    const [, next] = steps.find(([wait]) => wait === what) ?? [];
    if (next === '') done.resolve();
    else void writeFile(entry, next ?? '').catch(done.reject);
  });
  await done.promise;
  await watch.close();
  await rm(folder, { recursive: true });
  expect(made).toEqual(['one', 'two', 'BUNDLE_FAILED', 'three']);
});
