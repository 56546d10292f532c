// Starts that cannot be: each is refused with a code, says what, why and what to do, and nothing else suffers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../unit/cli/fake-terminal.ts';
import { expectOthersGoOn, startBadEngine, type BadEngine } from './bad-engine.ts';

let bad: BadEngine;
beforeAll(async () => void (bad = await startBadEngine()), 30_000);
afterAll(() => bad.stop());

const start = (name: string, input?: unknown, runId = `start-${name}`) => bad.client.start({ app: 'bad', name }, input, { runId });
const post = (path: string, body: string): Promise<Response> =>
  fetch(`${bad.url}${path}`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });

describe('a start', { timeout: 30_000 }, () => {
  it('of an unknown workflow is refused, and says which app lacks it', async () => {
    await expect(start('nope')).rejects.toMatchObject({
      code: 'WORKFLOW_UNKNOWN',
      message: expect.stringContaining('"nope"'),
      hint: expect.stringContaining('app({ workflows })'),
    });
    expect(await bad.client.show('start-nope')).toMatchObject({ status: 'refused', failure: { code: 'WORKFLOW_UNKNOWN' } });
    await expectOthersGoOn(bad);
  });

  it('with an input that does not fit its schema is refused, naming the place', async () => {
    await start('strict-input', { nights: 'two' }).catch(() => undefined);
    expect(await bad.client.await('start-strict-input')).toMatchObject({
      status: 'refused',
      failure: { code: 'INPUT_INVALID', message: expect.stringContaining('nights') },
    });
    const { history = [] } = await bad.client.show('start-strict-input', { history: true });
    expect(history.map(({ type }) => type)).toEqual(['RunStarted', 'RunRefused']);
    await expectOthersGoOn(bad);
  });

  it('of a run id that stands with another input is refused; with the same input it is harmless', async () => {
    await start('hello', 'you', 'twice');
    await start('hello', 'you', 'twice');
    await expect(start('hello', 'me', 'twice')).rejects.toMatchObject({ code: 'RUN_EXISTS', message: expect.stringContaining('"twice"') });
    await expect(start('answering', 'you', 'twice')).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    expect(await bad.client.await('twice')).toMatchObject({ status: 'completed', output: 'hello you' });
    await start('hello', 'you', 'twice');
    const { history = [] } = await bad.client.show('twice', { history: true });
    expect(history.filter(({ type }) => type === 'RunStarted').length).toBe(1);
  });

  it('of a run id that two ask for at once with different inputs is refused to one of them', async () => {
    const outcomes = await Promise.allSettled(['a', 'b'].map((input) => start('hello', input, 'raced')));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'RUN_EXISTS' } });
    expect(await bad.client.await('raced')).toMatchObject({ status: 'completed' });
  });
});

describe('an unknown app', { timeout: 30_000 }, () => {
  it('blocks its run until it appears, then the run goes on by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-late-'));
    const entry = join(folder, 'app.ts');
    await writeFile(
      entry,
      `import { app, workflow } from 'starquake';
       export default app({ name: 'late', workflows: [workflow({ name: 'hello', run: async (name: string) => \`late \${name}\` })] });`,
    );
    const before = await startBadEngine({ folder });
    await before.client.start({ app: 'late', name: 'hello' }, 'you', { runId: 'late-1' });
    expect(await before.client.show('late-1')).toMatchObject({
      status: 'blocked',
      failure: { code: 'APP_UNKNOWN', message: expect.stringContaining('"late"') },
      nextTryAt: expect.any(Number),
    });
    await expectOthersGoOn(before);
    await before.stop();

    const after = await startBadEngine({ folder, entries: [entry] });
    expect(await after.client.await('late-1')).toMatchObject({ status: 'completed', output: 'late you' });
    await after.stop();
    await rm(folder, { recursive: true });
  });
});

describe('what is no JSON', { timeout: 30_000 }, () => {
  it.each([
    ['/runs', '{"app":"bad",'],
    ['/runs', 'nonsense'],
    ['/runs/x/signals/value', '{'],
  ])('is refused by the API at %s: %s', async (path, body) => {
    const response = await post(path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringMatching(/JSON/),
      hint: expect.stringMatching(/JSON/),
    });
  });

  it.each([
    ['{}', 'app'],
    ['{"app":"bad","workflow":7}', 'workflow'],
    ['{"app":"bad","workflow":"hello","waitMs":-1}', 'waitMs'],
    ['[]', 'body'],
  ])('or the wrong JSON is refused by the API: %s', async (body, place) => {
    const response = await post('/runs', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'REQUEST_INVALID', message: expect.stringContaining(place) });
  });

  it.each([
    [['start', 'bad/hello', '--input', '{'], '', '--input'],
    [['start', 'bad/hello', '--input', '-'], 'not json', '--input'],
    [['start', 'bad/hello', '--input', '@/nowhere.json'], '', '/nowhere.json'],
    [['signal', 'x', 'value', '--value', 'oops'], '', '--value'],
  ])('is refused by the command line: %j', async (words, stdin, place) => {
    const { code, stderr } = await runCommand(words, { url: bad.url, stdin });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^SETTINGS_INVALID: [^\n]+\nhint: .+/) });
    expect(stderr).toContain(place);
  });

  it('leaves nothing behind, and others go on', async () => {
    await expectOthersGoOn(bad);
    expect((await bad.client.list({ limit: 1000 })).runs.filter(({ runId }) => runId === 'x')).toEqual([]);
  });
});
