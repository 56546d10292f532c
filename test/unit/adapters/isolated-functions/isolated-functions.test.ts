// Proves how processes come and go: replaced, idle, waited for, ended; on a clock that the test moves.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openIsolatedFunctions,
  type IsolatedFunctions,
  type IsolatedFunctionsOptions,
} from '../../../../src/adapters/isolated-functions/isolated-functions.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';
import { waitUntil } from '../../../contract/harness.ts';

const CALL = { timeoutMs: 1_000 };

let folder: string;
let clock: VirtualClock;
let functions: IsolatedFunctions;
let output: string;

const open = (options: Partial<IsolatedFunctionsOptions> = {}): void => {
  functions = openIsolatedFunctions({ clock, onOutput: (name, text) => void (output += `${name}> ${text}`), ...options });
};
/** Installs a function whose handler is the given code. */
const install = async (version: string, code: string): Promise<void> => {
  const file = join(folder, `${version}.mjs`);
  await writeFile(file, `export const handler = ${code};`);
  functions.install({ functions: [{ name: 'fn', file, memoryMb: 128 }] });
};
const invoke = (request: unknown = {}) => functions.invoke('fn', JSON.stringify(request), CALL);
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const waitForGone = (pids: readonly number[]) => waitUntil(() => !pids.some(isAlive), 'the processes are gone');

const TELL = '() => ({ pid: process.pid })';
const HANG = "() => { console.log('begun'); return new Promise((resolve) => setTimeout(resolve, 600_000)); }";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-isolated-'));
  clock = makeVirtualClock();
  output = '';
  open();
});
afterEach(async () => {
  await functions.close();
  await rm(folder, { recursive: true, force: true });
});

describe('an instance', () => {
  it('is used again, and ends once it has been idle for long', async () => {
    await install('v1', TELL);
    const [first, second] = [await invoke(), await invoke()];
    expect(first).toMatchObject({ kind: 'answered' });
    expect(second.kind === 'answered' && second.payload).toBe(first.kind === 'answered' && first.payload);
    const pids = functions.listProcesses();
    expect(pids).toHaveLength(1);
    clock.advance(59_999);
    expect(functions.listProcesses()).toEqual(pids);
    clock.advance(1);
    await waitForGone(pids);
    expect(functions.listProcesses()).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('of a function that was replaced ends with what it has in flight, and new invocations get the new code', async () => {
    await install('v1', "async () => { console.log('begun'); await new Promise((resolve) => setTimeout(resolve, 50)); return 'old'; }");
    const old = invoke();
    await waitUntil(() => output.includes('begun'), 'it has begun');
    const pids = functions.listProcesses();
    await install('v2', "() => 'new'");
    expect(await invoke()).toMatchObject({ payload: '"new"' });
    expect(await old).toMatchObject({ payload: '"old"' });
    await waitForGone(pids);
  });

  it('of a function that was removed is gone, and so is the function', async () => {
    await install('v1', TELL);
    await invoke();
    const pids = functions.listProcesses();
    functions.remove({ functions: [{ name: 'fn' }] });
    expect(await invoke()).toMatchObject({ failure: { code: 'FUNCTION_NOT_FOUND' } });
    await waitForGone(pids);
  });

  it('has what its author gives it in its environment', async () => {
    await functions.close();
    open({ environment: { API_KEY: 'for the test', AWS_LAMBDA_FUNCTION_NAME: 'not to be changed' } });
    await install('v1', '() => [process.env.API_KEY, process.env.AWS_LAMBDA_FUNCTION_NAME, process.env.HOME ?? null]');
    expect(await invoke()).toMatchObject({ payload: '["for the test","fn",null]' });
  });

  it('is told of in what it writes', async () => {
    await install('v1', "() => { console.log('hello'); console.error('and beware'); }");
    await invoke();
    await waitUntil(() => output.includes('beware'), 'what it writes is told');
    expect(output).toContain('fn> hello');
  });
});

describe('too many at once', () => {
  it('wait for an instance, up to the deadline of whoever waits, and have not begun', async () => {
    await functions.close();
    open({ instancesPerFunction: 1 });
    await install('v1', HANG);
    const first = functions.invoke('fn', '{}', { timeoutMs: 5_000 });
    await waitUntil(() => output.includes('begun'), 'it has begun');
    const second = invoke();
    clock.advance(1_000);
    expect(await second).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'THROTTLED' }, report: { billedMs: 0 } });
    clock.advance(4_000);
    expect(await first).toMatchObject({ failure: { code: 'FUNCTION_TIMED_OUT' }, report: { source: 'report' } });
  });

  it('get the instance that comes after one that crashed', async () => {
    await functions.close();
    open({ instancesPerFunction: 1 });
    await install('v1', "(request) => { if (request === 'exit') process.exit(1); return request; }");
    const [crashed, next] = await Promise.all([invoke('exit'), invoke('next')]);
    expect(crashed).toMatchObject({ failure: { code: 'FUNCTION_CRASHED' } });
    expect(next).toMatchObject({ payload: '"next"', report: { coldStart: true } });
  });
});

describe('a close', () => {
  it('ends all processes, and what they had in flight may be tried again', async () => {
    await install('v1', HANG);
    const hanging = [invoke(), invoke()];
    await waitUntil(() => output.split('begun').length === 3, 'both have begun');
    const pids = functions.listProcesses();
    expect(pids).toHaveLength(2);
    await functions.close();
    expect(pids.some(isAlive)).toBe(false);
    for (const result of await Promise.all(hanging)) {
      expect(result).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_CRASHED' } });
    }
    expect(await invoke()).toMatchObject({ kind: 'failed', retryable: true });
    expect(clock.timers).toBe(0);
  });

  it('ends those too that have hardly begun to start', async () => {
    await install('v1', TELL);
    const starting = invoke();
    await functions.close();
    expect(await starting).toMatchObject({ kind: 'failed', retryable: true });
    expect(functions.listProcesses()).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});

it('instances end when the process that started them is killed', async () => {
  const script = fileURLToPath(new URL('../../../support/lambda/hold-instances.ts', import.meta.url));
  const holder = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(holder.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids.every(isAlive)).toBe(true);
  holder.kill('SIGKILL');
  await waitForGone(pids);
});
