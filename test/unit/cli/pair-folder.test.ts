// A data folder and a Pulsar namespace stay together: nothing starts with half of a history.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pairFolder, type PairedNamespace } from '../../../src/cli/pair-folder.ts';

let scratch: string;
beforeEach(async () => void (scratch = await mkdtemp(join(tmpdir(), 'starquake-pair-'))));
afterEach(() => rm(scratch, { recursive: true, force: true }));

const openNamespace = (name: string, hasHistory = false): PairedNamespace => {
  let mark: string | undefined;
  return {
    name,
    readMark: () => Promise.resolve(mark),
    writeMark: (id) => {
      mark = id;
      return Promise.resolve();
    },
    holdsHistory: () => Promise.resolve(hasHistory),
  };
};

/** Pairs the folder as an engine does on its way up; afterwards it has a history. */
const start = async (namespace?: PairedNamespace, holdsHistory = false): Promise<void> => {
  const leaveMarks = await pairFolder({ folder: scratch, holdsHistory, ...(namespace && { namespace }) });
  await leaveMarks();
};

/** Starts, which is refused; the error of it. */
const refuse = async (namespace?: PairedNamespace, holdsHistory = false): Promise<unknown> =>
  await start(namespace, holdsHistory).then(
    () => undefined,
    (error: unknown) => error,
  );
const mismatch = (text: string): object => ({ code: 'DATA_MISMATCH', message: expect.stringContaining(text), hint: expect.any(String) });

describe('a data folder and a namespace', () => {
  it('that are both new belong together from then on', async () => {
    const namespace = openNamespace('a');
    await start(namespace);
    expect(await refuse(namespace, true)).toBeUndefined();
  });

  it('a new folder is refused on the namespace of another', async () => {
    const namespace = openNamespace('a');
    await namespace.writeMark('another');
    expect(await refuse(namespace)).toMatchObject(mismatch('belongs to another data folder'));
  });

  it('a new folder is refused on a namespace that has a history, marked or not', async () => {
    expect(await refuse(openNamespace('a', true))).toMatchObject(mismatch('has the history of runs'));
  });

  it('a folder is refused on another namespace, and on its own when that was made anew', async () => {
    await start(openNamespace('a'));
    expect(await refuse(openNamespace('b'), true)).toMatchObject(
      mismatch('belongs to the Pulsar namespace a; b is another, or was made anew'),
    );
  });

  it('a folder that is its own bus stays so once it has runs', async () => {
    await start();
    expect(await refuse(openNamespace('a'), true)).toMatchObject(mismatch('messages are in the folder itself'));
    await start(undefined, true);
    await start(openNamespace('a'));
  });

  it('a folder of a namespace is refused without it', async () => {
    await start(openNamespace('a'));
    expect(await refuse(undefined, true)).toMatchObject(mismatch('belongs to the Pulsar namespace a'));
  });

  it('a crash between the two marks leaves both to be paired again', async () => {
    const namespace = openNamespace('a');
    const crashing = { ...namespace, writeMark: () => Promise.reject(new Error('the process is gone')) };
    await expect(start(crashing)).rejects.toThrow('gone');
    await start(namespace);
    await start(namespace, true);
  });

  it('of two folders that begin on it at the same moment one is refused', async () => {
    const namespace = openNamespace('a');
    const late = { ...namespace, writeMark: () => namespace.writeMark('of another, a moment later') };
    expect(await refuse(late)).toMatchObject(mismatch('belongs to another data folder'));
  });

  it('looking changes nothing', async () => {
    const namespace = openNamespace('a');
    await pairFolder({ folder: scratch, holdsHistory: false, namespace });
    expect(await namespace.readMark()).toBeUndefined();
    await start(undefined, true);
  });
});
