// Changing an app while `starquake dev` runs it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { startDev } from './dev-process.ts';

const write = (file: string, greeting: string): Promise<void> =>
  writeFile(
    file,
    `import { app, job, workflow } from 'starquake';
     const greet = job({ name: 'greet', run: (): string => ${greeting} });
     export default app({ name: 'greeter', workflows: [workflow({ name: 'hello', run: (_: unknown, flow) => flow.run(greet, undefined) })], jobs: [greet] });`,
  );

describe('an app that is changed', { timeout: 60_000 }, () => {
  it('is built again, and stays as it was while it does not build', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-rebuild-'));
    const entry = join(folder, 'app.ts');
    await write(entry, `'first'`);
    const dev = await startDev([entry, '--memory']);
    try {
      const client = createClient({ url: dev.url, app: 'greeter' });
      const greet = async (): Promise<unknown> => (await client.start({ app: 'greeter', name: 'hello' })).result();
      expect(await greet()).toBe('first');
      await write(entry, `'second' +`);
      expect(await greet()).toBe('first');
      await write(entry, `'third'`);
      while ((await greet()) !== 'third') await pause(20);
    } finally {
      expect(await dev.end('SIGTERM')).toMatchObject({ code: 0 });
      await rm(folder, { recursive: true, force: true });
    }
  });
});
