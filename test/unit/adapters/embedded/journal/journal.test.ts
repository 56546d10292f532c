// The journal: one write for many records, in order, durable when answered, and done for after a failed write.
import { beforeEach, describe, expect, it } from 'vitest';
import type { FileLayer } from '../../../../../src/adapters/embedded/files/file-layer.ts';
import { RECORD, type Placed } from '../../../../../src/adapters/embedded/journal/journal-format.ts';
import { Journal } from '../../../../../src/adapters/embedded/journal/journal.ts';
import { makeMemoryFileLayer } from '../../../../../src/adapters/embedded/files/memory-file-layer.ts';
import type { RecordBuffer } from '../../../../../src/adapters/embedded/journal/record-buffer.ts';
import { RecordReader } from '../../../../../src/adapters/embedded/journal/record-reader.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../../src/testing/virtual-clock.ts';

const WAIT_MS = 1000;

/** A memory layer whose writes wait until they are let go, or fail. */
const makeHeldLayer = (): { layer: FileLayer; writes: { resolve: () => void; reject: (error: Error) => void }[] } => {
  const memory = makeMemoryFileLayer();
  const writes: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const create: FileLayer['create'] = async (path) => {
    const file = await memory.create(path);
    return {
      ...file,
      append: async (bytes) => {
        const copy = Buffer.from(bytes);
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        writes.push({ resolve, reject });
        await promise;
        await file.append(copy);
      },
    };
  };
  return { layer: { ...memory, create }, writes };
};

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const text =
  (value: string) =>
  (payload: RecordBuffer): void =>
    payload.addText(value);

describe('the journal', () => {
  let clock: VirtualClock;
  beforeEach(() => {
    clock = makeVirtualClock();
  });

  const open = async (layer: FileLayer, segmentBytes = 1e6): Promise<{ journal: Journal; replayed: string[] }> => {
    const journal = new Journal({ layer, folder: '/journal', clock, segmentBytes });
    const replayed: string[] = [];
    await journal.open(
      (_, payload) => replayed.push(payload.takeText()),
      () => undefined,
    );
    return { journal, replayed };
  };

  const read = async (journal: Journal, placed: readonly Placed[]): Promise<readonly string[]> =>
    (await journal.reads.read(placed)).map((record) => new RecordReader(record).takeText());

  it('writes all that is added while a write is under way in one go, in order', async () => {
    const { layer, writes } = makeHeldLayer();
    const { journal } = await open(layer);
    const answered: string[] = [];
    const add = (value: string): void => {
      journal.add(RECORD.commit, text(value));
      void journal.settle(WAIT_MS).then(() => answered.push(value));
    };
    add('a');
    await turns();
    for (const value of ['b', 'c', 'd']) add(value);
    await turns();
    expect(writes.length).toBe(1);
    expect(answered).toEqual([]);
    writes[0]?.resolve();
    await turns();
    expect(answered).toEqual(['a']);
    expect(writes.length).toBe(2);
    writes[1]?.resolve();
    await turns();
    expect(answered).toEqual(['a', 'b', 'c', 'd']);
    expect(journal.counts).toMatchObject({ records: 4, writes: 2, syncs: 2 });
  });

  it('replays what was written, in order, over many segments', async () => {
    const layer = makeMemoryFileLayer();
    const first = await open(layer, 100);
    const values = Array.from({ length: 50 }, (_, index) => `value ${index}`);
    for (const value of values) {
      first.journal.add(RECORD.commit, text(value));
      await first.journal.settle(WAIT_MS);
    }
    expect(first.journal.segment).toBeGreaterThan(5);
    await first.journal.close();
    expect((await open(layer, 100)).replayed).toEqual(values);
  });

  it('reads every record back, waiting, being written, or on disk', async () => {
    const { layer, writes } = makeHeldLayer();
    const { journal } = await open(layer);
    const placed = ['on disk'].map((value) => journal.add(RECORD.commit, text(value)));
    void journal.settle(WAIT_MS);
    await turns();
    writes[0]?.resolve();
    await turns();
    placed.push(journal.add(RECORD.commit, text('being written')));
    void journal.settle(WAIT_MS);
    await turns();
    placed.push(journal.add(RECORD.commit, text('waiting')));
    expect(await read(journal, placed)).toEqual(['on disk', 'being written', 'waiting']);
    expect(await read(journal, placed.toReversed())).toEqual(['waiting', 'being written', 'on disk']);
  });

  it('writes what nobody waits for within 50 ms', async () => {
    const { layer, writes } = makeHeldLayer();
    const { journal } = await open(layer);
    journal.add(RECORD.commit, text('lazy'));
    await turns();
    expect(writes.length).toBe(0);
    clock.advance(50);
    await turns();
    expect(writes.length).toBe(1);
  });

  it('gives up waiting at the deadline of each caller, and goes on', async () => {
    const { layer, writes } = makeHeldLayer();
    const { journal } = await open(layer);
    const outcomes: string[] = [];
    for (const timeoutMs of [100, 500]) {
      journal.add(RECORD.commit, text('a'));
      const note = (outcome: string) => () => void outcomes.push(`${timeoutMs} ${outcome}`);
      journal.settle(timeoutMs).then(note('answered'), note('late'));
    }
    await turns();
    clock.advance(200);
    await turns();
    expect(outcomes).toEqual(['100 late']);
    writes[0]?.resolve();
    await turns();
    expect(outcomes).toEqual(['100 late', '500 answered']);
  });

  it('refuses everything after a write has failed', async () => {
    const { layer, writes } = makeHeldLayer();
    const { journal } = await open(layer);
    journal.add(RECORD.commit, text('a'));
    const first = journal.settle(WAIT_MS).catch((error: unknown) => error);
    await turns();
    journal.add(RECORD.commit, text('b'));
    const second = journal.settle(WAIT_MS).catch((error: unknown) => error);
    const full = new Error('no space left');
    writes[0]?.reject(full);
    expect(await first).toMatchObject({ code: 'STORE_FAILED', cause: full });
    expect(await second).toMatchObject({ code: 'STORE_FAILED', cause: full });
    expect(() => journal.add(RECORD.commit, text('c'))).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
    await expect(journal.settle(WAIT_MS)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await journal.close();
  });

  it('settles at once when there is nothing to write', async () => {
    const { layer, writes } = makeHeldLayer();
    const { journal } = await open(layer);
    await journal.settle(WAIT_MS);
    await journal.close();
    expect(writes.length).toBe(0);
  });
});
