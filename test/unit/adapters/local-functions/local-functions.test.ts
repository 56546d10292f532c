// Proves what worker threads add to the port: misbehaving functions stop no others, and code is replaced under way.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openLocalFunctions,
  type FunctionFile,
  type LocalFunctions,
  type LocalFunctionsOptions,
} from '../../../../src/adapters/local-functions/local-functions.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../../../support/functions/${name}.ts`, import.meta.url));
const supported = (name: string, kind: FunctionFile['kind'], module: string): FunctionFile => ({
  name,
  kind,
  file: fileOf(module),
  memoryMb: 128,
});
const all = [supported('job', 'job', 'echo'), supported('bad-job', 'job', 'misbehave'), supported('decision', 'decision', 'echo')];

let clock: VirtualClock;
let functions: LocalFunctions;
let folder: string;

const open = async (options: Partial<LocalFunctionsOptions> = {}): Promise<void> => {
  await functions.close();
  functions = openLocalFunctions({ clock, ...options });
  functions.install({ functions: all });
};
const invoke = (name: string, request: unknown, slot?: number) =>
  functions.invoke(name, JSON.stringify(request), { timeoutMs: 1_000, ...(slot !== undefined && { slot }) });
const invokeForThread = async (name: string, slot?: number): Promise<number> => {
  const result = await invoke(name, {}, slot);
  return result.kind === 'answered' ? (JSON.parse(result.payload) as { threadId: number }).threadId : -1;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-functions-'));
  clock = makeVirtualClock();
  functions = openLocalFunctions({ clock });
  functions.install({ functions: all });
});
afterEach(async () => {
  await functions.close();
  await rm(folder, { recursive: true });
});

describe('worker threads', () => {
  it('decisions and jobs run in different threads', async () => {
    expect(await invokeForThread('decision')).not.toBe(await invokeForThread('job'));
  });

  it('invocations of one slot reach the same thread, those of another slot another one', async () => {
    await open({ decisionWorkers: 2 });
    const [zero, one, two] = await Promise.all([0, 1, 2].map((slot) => invokeForThread('decision', slot)));
    expect(two).toBe(zero);
    expect(one).not.toBe(zero);
  });

  it('a job that loops for ever stops no decision', async () => {
    void invoke('bad-job', 'loopForever');
    expect(await invoke('decision', 1)).toMatchObject({ kind: 'answered' });
  });

  it('a thread that hangs past a timeout is ended: the late one timed out, the others may be tried again, and a new thread takes over', async () => {
    const looping = invoke('bad-job', 'loopForever');
    const behind = functions.invoke('job', '"behind it"', { timeoutMs: 60_000 });
    await invoke('decision', 'while the loop turns');
    clock.advance(1_000);
    expect(await looping).toMatchObject({ kind: 'failed', retryable: false, failure: { code: 'FUNCTION_TIMED_OUT' } });
    clock.advance(1_000);
    expect(await behind).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_CRASHED' } });
    expect(await invoke('job', 'after it')).toMatchObject({ kind: 'answered' });
  });

  it('a thread that only waits is not ended when an invocation of it is late', async () => {
    const thread = await invokeForThread('job');
    const silent = invoke('bad-job', 'neverAnswer');
    clock.advance(1_000);
    expect(await silent).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_TIMED_OUT' } });
    await invoke('job', 'a sign of life');
    clock.advance(5_000);
    expect(await invokeForThread('job')).toBe(thread);
  });

  it('a thread that exits fails what it was working on, and a new one takes over', async () => {
    const waiting = invoke('bad-job', 'neverAnswer');
    const exiting = invoke('bad-job', 'exit');
    expect(await exiting).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_CRASHED' } });
    expect(await waiting).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_CRASHED' } });
    expect(await invoke('job', 'after it')).toMatchObject({ kind: 'answered' });
  });

  it('a thread that runs out of memory does not take the process with it', async () => {
    await open({ workerMemoryMb: 24 });
    const failed = await invoke('bad-job', 'takeAllMemory');
    expect(failed).toMatchObject({
      kind: 'failed',
      retryable: true,
      failure: { code: 'FUNCTION_CRASHED', message: expect.stringContaining('memory') },
    });
  });

  it('what is in flight when the functions are closed has failed, and so has what is invoked later', async () => {
    const waiting = invoke('bad-job', 'neverAnswer');
    await functions.close();
    expect(await waiting).toMatchObject({ kind: 'failed', retryable: true });
    expect(await invoke('job', 1)).toMatchObject({ kind: 'failed', retryable: true });
  });
});

describe('installed code', () => {
  const write = async (version: string, text: string): Promise<{ functions: FunctionFile[] }> => {
    const file = join(folder, `${version}.mjs`);
    await writeFile(file, text);
    return { functions: [{ name: 'replaced', kind: 'job', file, memoryMb: 128 }] };
  };

  it('replaces the old code under the same name, while what is in flight ends on the old code', async () => {
    functions.install(
      await write(
        'old',
        "export const handler = (op) => (op === 'wait' ? new Promise((end) => { globalThis.end = () => end('old'); }) : 'old');",
      ),
    );
    const waiting = invoke('replaced', 'wait');
    expect(await invoke('replaced', 'who')).toMatchObject({ payload: '"old"' });
    functions.install(await write('new', "export const handler = () => { globalThis.end(); return 'new'; };"));
    expect(await invoke('replaced', 'who')).toMatchObject({ payload: '"new"' });
    expect(await waiting).toMatchObject({ payload: '"old"' });
  });

  it('is no longer found once it is removed', async () => {
    functions.remove({ functions: [{ name: 'job' }] });
    expect(await invoke('job', 1)).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_NOT_FOUND' } });
  });

  it('that cannot be loaded fails each invocation with the reason, until it is corrected', async () => {
    functions.install(await write('broken', "throw new Error('no database');"));
    expect(await invoke('replaced', 1)).toMatchObject({ kind: 'failed', failure: { message: 'no database' } });
    functions.install(await write('corrected', 'export const handler = async () => 1;'));
    expect(await invoke('replaced', 1)).toMatchObject({ kind: 'answered', payload: '1' });
  });
});
