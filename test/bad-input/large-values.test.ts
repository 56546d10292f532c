// Values over 64 KiB on their whole way: in the journal there is only their name, the payload folder has them, code never notices.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { INLINE_LIMIT_BYTES } from '../../src/protocol/limits.ts';
import { startBadEngine, type BadEngine } from './bad-engine.ts';

let bad: BadEngine;
beforeAll(async () => void (bad = await startBadEngine()), 30_000);
afterAll(() => bad.stop());

const readFiles = async (...folder: readonly string[]): Promise<readonly { readonly name: string; readonly text: string }[]> => {
  const entries = await readdir(join(bad.folder, ...folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map(async ({ name, parentPath }) => ({ name, text: await readFile(join(parentPath, name), 'latin1') })));
};

const nameOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

it('a large input, job input, job output, signal and output travel by name', { timeout: 30_000 }, async () => {
  const input = 'MARK'.repeat(INLINE_LIMIT_BYTES / 4);
  const signal = { text: 'SIGN'.repeat(INLINE_LIMIT_BYTES) };
  await bad.client.start({ app: 'bad', name: 'carrying' }, input, { runId: 'carrying' });
  await bad.client.signal('carrying', 'value', signal);
  const run = await bad.client.await('carrying');
  const output = { lengths: [input.length, input.length + 1, signal.text.length], all: [input, `${input}1`, signal.text] };
  expect(run).toMatchObject({ status: 'completed' });
  expect(run.output).toEqual(output);

  const stored = new Map((await readFiles('payloads')).map(({ name, text }) => [name, text]));
  expect([...stored.keys()].toSorted()).toEqual([input, `${input}1`, signal, output].map(nameOf).toSorted());
  expect(stored.get(nameOf(output))).toBe(JSON.stringify(output));

  const { history = [], input: shown } = await bad.client.show('carrying', { history: true });
  expect(shown).toBe(input);
  const link = (value: unknown) => ({ link: { sha256: nameOf(value), bytes: JSON.stringify(value).length } });
  expect(history).toMatchObject([
    { type: 'RunStarted', input: link(input) },
    { type: 'JobScheduled', input: link(`${input}1`) },
    ...(history[2]?.type === 'SignalReceived'
      ? [{ value: link(signal) }, { type: 'JobSucceeded', output: link(`${input}1`) }]
      : [
          { type: 'JobSucceeded', output: link(`${input}1`) },
          { type: 'SignalReceived', value: link(signal) },
        ]),
    { type: 'RunCompleted', output: link(output) },
  ]);
  expect((await readFiles('journal')).filter(({ text }) => /MARKMARK|SIGNSIGN/.test(text))).toEqual([]);
});

it('a value of 64 KiB exactly travels as it is', { timeout: 30_000 }, async () => {
  const input = 'EVEN'.repeat(INLINE_LIMIT_BYTES / 4 - 1).concat('!!');
  expect(JSON.stringify(input).length).toBe(INLINE_LIMIT_BYTES);
  await bad.client.start({ app: 'bad', name: 'strict-output' }, input, { runId: 'even' });
  await bad.client.await('even');
  const { history = [] } = await bad.client.show('even', { history: true });
  expect(history[0]).toMatchObject({ type: 'RunStarted', input: { json: input } });
});
