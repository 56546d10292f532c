// Proves that a process whose event loop stands still is ended, and no other.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./turn-and-stand.ts', import.meta.url));

const run = (how: string): Promise<{ readonly signal: unknown; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, how], (error, stdout, stderr) => resolve({ signal: error?.signal ?? null, stdout, stderr }));
  });

describe.concurrent('a watched event loop', { timeout: 30_000 }, () => {
  it('that stands still ends its process at once, with a last word', async ({ expect: expectHere }) => {
    expectHere(await run('stands-still')).toEqual({
      signal: 'SIGKILL',
      stdout: '',
      stderr: expect.stringMatching(/^STUCK: the event loop has not turned for 200 ms; .+\n$/),
    });
  });

  it.each(['turns', 'is-let-go', 'has-nothing-to-do'])('of a process that %s leaves it alone', async (how) => {
    expect(await run(how)).toEqual({ signal: null, stdout: 'lives', stderr: '' });
  });
});
