// Proves that a call that does not end holds up nothing but itself.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalFunctions, type LocalFunctions } from '../../../../src/adapters/local-functions/local-functions.ts';
import { systemClock } from '../../../../src/adapters/system-clock/system-clock.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../../../support/functions/${name}.ts`, import.meta.url));
const decision = (name: string, module: string) => ({ name, kind: 'decision' as const, file: fileOf(module), memoryMb: 128 });
const job = (name: string, module: string) => ({ name, kind: 'job' as const, file: fileOf(module), memoryMb: 128 });

let functions: LocalFunctions;
beforeEach(() => {
  functions = openLocalFunctions({ clock: systemClock });
  functions.install({
    functions: [decision('decision', 'echo'), decision('bad-decision', 'misbehave'), job('job', 'echo'), job('bad-job', 'misbehave')],
  });
});
afterEach(() => functions.close());

const invoke = (name: string, request: unknown, timeoutMs = 60_000) => functions.invoke(name, JSON.stringify(request), { timeoutMs });

describe('a call that does not end', { timeout: 30_000 }, () => {
  it('is late in time; pure calls behind it are begun again elsewhere, and later ones never meet it', async () => {
    const looping = invoke('bad-decision', 'loopForever', 3_000);
    const behind = await Promise.all(Array.from({ length: 5 }, (_, index) => invoke('decision', index)));
    for (const [index, result] of behind.entries())
      expect(result).toMatchObject({ kind: 'answered', payload: expect.stringContaining(`"request":${index},`) });
    expect(await invoke('decision', 'later')).toMatchObject({ kind: 'answered' });
    expect(await looping).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_TIMED_OUT' } });
    expect(await invoke('decision', 'at last')).toMatchObject({ kind: 'answered' });
  });

  it('leaves jobs that wait behind it to its deadline, since they are not to run twice; later ones never meet it', async () => {
    const looping = invoke('bad-job', 'loopForever', 3_000);
    const behind = invoke('job', 'behind');
    let later = await invoke('job', 'later');
    while (later.kind === 'failed') later = await invoke('job', 'later');
    expect(await looping).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_TIMED_OUT' } });
    expect(await behind).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_CRASHED' } });
    expect(await invoke('job', 'at last')).toMatchObject({ kind: 'answered' });
  });

  it('is not what a call is that only waits: the thread stays', async () => {
    const [first] = await Promise.all([invoke('decision', 'first'), invoke('bad-decision', 'neverAnswer', 2_500)]);
    const again = await invoke('decision', 'again');
    const threadOf = (result: typeof again): unknown =>
      result.kind === 'answered' && (JSON.parse(result.payload) as { readonly threadId: number }).threadId;
    expect(threadOf(again)).toBe(threadOf(first));
  });
});
