// Proves, in processes of their own, whose unhandled rejections end a process.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const modules = new URL('../../../../src/adapters/vm-realm/', import.meta.url).href;
const prelude = `
  import { ignoreRealmRejections } from '${modules}ignore-realm-rejections.ts';
  import { makeVmRealm } from '${modules}vm-realm.ts';
  ignoreRealmRejections();
  ignoreRealmRejections();
  const runtime = makeVmRealm().evaluate("let kept; globalThis.starquakeRuntime = { open() {}, deliver() { kept = Promise.reject(new Error('inside')); }, close() { kept.catch(() => {}); }, abandon() {} };", {});
  const later = () => new Promise((resolve) => setImmediate(resolve));
`;

/** Runs a script; answers what it wrote, or throws with what it complained of. */
const run = async (script: string): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ['--input-type=module', '--eval', prelude + script]);

describe('an unhandled rejection', () => {
  it('in a realm ends no process, whether it is handled later or never', async () => {
    const { stdout, stderr } = await run(`runtime.deliver(); await later(); runtime.close(); await later(); console.log('went on');`);
    expect(stdout).toBe('went on\n');
    expect(stderr).toBe('');
  });

  it('outside of a realm still ends the process', async () => {
    await expect(run(`void Promise.reject(new Error('outside')); await later(); console.log('went on');`)).rejects.toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('outside'),
    });
  });

  it('outside of a realm is still told to whoever listened before', async () => {
    const script = `
      process.removeAllListeners('unhandledRejection');
      process.on('unhandledRejection', ({ message }) => console.log('heard', message));
      ignoreRealmRejections();
      runtime.deliver(); void Promise.reject(new Error('outside')); await later();`;
    expect((await run(script)).stdout).toBe('heard outside\n');
  });
});
