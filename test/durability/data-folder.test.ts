// What the embedded store does with a data folder that is in use, torn by a crash, or broken.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore, type EmbeddedStore, type EmbeddedStoreOptions } from '../../src/adapters/embedded/embedded-store.ts';
import { makeVirtualClock } from '../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 30_000 };
const TOPIC = { name: 'kept', kind: 'stream', partitions: 1, retained: true, delayed: false } as const;

let folder: string;
let reports: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-folder-'));
  reports = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (place: string, more: Partial<EmbeddedStoreOptions> = {}): Promise<EmbeddedStore> =>
  openEmbeddedStore({ folder: place, clock: makeVirtualClock(), report: (error) => reports.push(error), ...more });

const publish = (store: EmbeddedStore, id: string): Promise<void> =>
  store.bus.publish([{ topic: TOPIC.name, key: 'k', id, body: `body of ${id}` }], CALL);

const readIds = async (store: EmbeddedStore): Promise<readonly string[]> =>
  (await store.bus.readStream(TOPIC.name, 0, 0, 100, CALL)).map(({ id }) => id);

/** Publishes three messages and answers a copy of the folder, as a killed process leaves it. */
const crash = async (more: Partial<EmbeddedStoreOptions> = {}): Promise<string> => {
  const store = await open(join(folder, 'original'), more);
  await store.bus.declareTopics([TOPIC], CALL);
  for (const id of ['a', 'b', 'c']) await publish(store, id);
  await cp(join(folder, 'original'), join(folder, 'copy'), { recursive: true });
  await store.close();
  return join(folder, 'copy');
};

const lastSegment = async (place: string): Promise<string> =>
  join(place, 'journal', (await readdir(join(place, 'journal'))).toSorted().at(-1) ?? '');

/** Where the records of a segment end: room of zeros may follow. */
const findEnd = (bytes: Buffer): number => bytes.findLastIndex((byte) => byte !== 0) + 1;

describe('a folder in use', () => {
  const holdFolder = async (): Promise<ChildProcess> => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-folder.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    return holder;
  };

  it('is refused to a second process, which is told who has it, until the first is gone, however it went', async () => {
    const holder = await holdFolder();
    try {
      await expect(open(folder)).rejects.toMatchObject({ code: 'DATA_IN_USE', message: expect.stringContaining(`process ${holder.pid}`) });
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    await (await open(folder)).close();
  });

  it('is refused to the same process, by whatever path, until it is closed', async () => {
    const data = join(folder, 'data');
    const store = await open(data);
    await symlink(data, join(folder, 'link'));
    await expect(open(join(folder, 'link'))).rejects.toMatchObject({ code: 'DATA_IN_USE' });
    await store.close();
    await (await open(data)).close();
  });

  it('is free again when opening it has failed', async () => {
    const copy = await crash();
    await writeFile(join(copy, 'journal', '00000007.journal'), '');
    await expect(open(copy)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
    await rm(join(copy, 'journal', '00000007.journal'));
    await (await open(copy)).close();
  });
});

describe('a folder after a crash', () => {
  it('has all that was answered', async () => {
    const store = await open(await crash());
    expect(await readIds(store)).toEqual(['a', 'b', 'c']);
    expect(reports).toEqual([]);
    await store.close();
  });

  it.each(['shorter', 'zeros'])('loses its torn last record alone (%s), with a report, and goes on from there', async (tear) => {
    const copy = await crash();
    const segment = await lastSegment(copy);
    const bytes = await readFile(segment);
    const tornAt = findEnd(bytes) - 3;
    await writeFile(segment, tear === 'shorter' ? bytes.subarray(0, tornAt) : bytes.fill(0, tornAt));
    const store = await open(copy);
    expect(await readIds(store)).toEqual(['a', 'b']);
    expect(reports).toMatchObject([{ code: 'DATA_TORN', message: expect.stringContaining(segment) }]);
    await publish(store, 'd');
    await store.close();
    const again = await open(copy);
    expect(await readIds(again)).toEqual(['a', 'b', 'd']);
    expect(reports.length).toBe(1);
    await again.close();
  });

  it.each(['in the room behind', 'at the end'])('loses garbage %s alone', async (where) => {
    const copy = await crash();
    const segment = await lastSegment(copy);
    const bytes = await readFile(segment);
    const end = findEnd(bytes);
    const garbage = Buffer.alloc(5000, 'garbage');
    await writeFile(
      segment,
      Buffer.concat([bytes.subarray(0, end), garbage, where === 'at the end' ? Buffer.alloc(0) : Buffer.alloc(5000)]),
    );
    const store = await open(copy);
    expect(await readIds(store)).toEqual(['a', 'b', 'c']);
    expect(reports).toMatchObject([{ code: 'DATA_TORN' }]);
    await store.close();
  });

  it('may end with a segment that was only just begun', async () => {
    const copy = await crash();
    await writeFile(join(copy, 'journal', '00000002.journal'), '');
    const store = await open(copy);
    expect(await readIds(store)).toEqual(['a', 'b', 'c']);
    await publish(store, 'd');
    await store.close();
    const again = await open(copy);
    expect(await readIds(again)).toEqual(['a', 'b', 'c', 'd']);
    await again.close();
  });
});

describe('a broken folder', () => {
  const breakMessage = async (segment: string, body: string): Promise<number> => {
    const bytes = await readFile(segment);
    const at = bytes.indexOf(body);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(segment, bytes);
    return at;
  };

  it('is refused when a record in the middle does not match its checksum, with the file and the place', async () => {
    const copy = await crash();
    const segment = await lastSegment(copy);
    const at = await breakMessage(segment, 'body of b');
    const refusal = await open(copy).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining(segment) });
    const offset = Number(/offset (\d+)/.exec(String(refusal))?.[1]);
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThan(at);
  });

  it('is refused when the last record of a folder that was closed does not match its checksum', async () => {
    await crash();
    const original = join(folder, 'original');
    await breakMessage(await lastSegment(original), 'body of c');
    await expect(open(original)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });

  it('is refused when the records at the end of a closed segment are gone', async () => {
    const copy = await crash({ segmentBytes: 200 });
    const segment = join(copy, 'journal', '00000001.journal');
    const bytes = await readFile(segment);
    const lost = bytes.lastIndexOf('SQGROUP1') - 13;
    await writeFile(segment, bytes.fill(0, lost));
    await expect(open(copy)).rejects.toMatchObject({
      code: 'DATA_CORRUPT',
      message: expect.stringContaining(`${segment} cannot be read at offset ${lost}`),
    });
  });

  it('is refused when a segment is missing', async () => {
    const copy = await crash({ segmentBytes: 64 });
    await rm(join(copy, 'journal', '00000002.journal'));
    await expect(open(copy)).rejects.toMatchObject({ code: 'DATA_CORRUPT', message: expect.stringContaining('00000002.journal') });
  });

  it('is refused when the last segment begins with something else', async () => {
    const copy = await crash();
    const segment = await lastSegment(copy);
    const bytes = await readFile(segment);
    bytes.write('elsewhat', 0);
    await writeFile(segment, bytes);
    await expect(open(copy)).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });
});

describe('a closed store', () => {
  it('refuses what is asked of it', async () => {
    const store = await open(folder);
    await store.bus.declareTopics([TOPIC], CALL);
    await store.close();
    await expect(publish(store, 'late')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(store.timers.put([], CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('has written its acks, so that a message is not delivered again', async () => {
    const queue = { ...TOPIC, name: 'queue', kind: 'queue', retained: false } as const;
    const readAndAck = async (): Promise<readonly string[]> => {
      const store = await open(folder);
      await store.bus.declareTopics([queue], CALL);
      if (store.stats().liveBytes === 0) await store.bus.publish([{ topic: queue.name, key: '', id: 'once', body: '' }], CALL);
      const ids: string[] = [];
      const subscription = await store.bus.subscribeQueue(
        queue.name,
        { onMessage: (message) => ids.push(message.id) },
        { ...CALL, subscription: 's', prefetch: 9 },
      );
      await new Promise((resolve) => setImmediate(resolve));
      for (const id of ids)
        subscription.ack({ topic: queue.name, partition: 0, position: 0, key: '', id, body: '', again: false, redelivered: false });
      await store.close();
      return ids;
    };
    expect(await readAndAck()).toEqual(['once']);
    const store = await open(folder);
    expect(store.stats().liveBytes).toBe(0);
    await store.close();
  });
});
