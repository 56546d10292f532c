// Files on the real disk: what is appended is there, whatever room is reserved meanwhile.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNodeFileLayer } from '../../../../../src/adapters/embedded/files/node-file-layer.ts';

const layer = makeNodeFileLayer();
const makeBytes = (index: number): Buffer => Buffer.alloc(1 + ((index * 37) % 300), `${index} `);

describe('files of the node file layer', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-files-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('hold what was appended while room was being reserved, and no room once they are closed', async () => {
    const path = join(folder, 'file');
    const file = await layer.create(path);
    const parts = Array.from({ length: 200 }, (_, index) => makeBytes(index));
    const reserving: Promise<void>[] = [];
    for (const [index, part] of parts.entries()) {
      if (index % 7 === 0) reserving.push(file.reserve(500));
      await file.append(part);
    }
    await Promise.all(reserving);
    expect((await stat(path)).size).toBeGreaterThan(Buffer.concat(parts).length);
    await file.close();
    expect(await readFile(path)).toEqual(Buffer.concat(parts));
  });

  it('do not write into one another when they are closed while room is being reserved', async () => {
    for (let round = 0; round < 20; round++) {
      const first = await layer.create(join(folder, 'first'));
      const reserving = [first.reserve(100_000), first.reserve(100_000)];
      const closing = first.close();
      const second = await layer.create(join(folder, 'second'));
      await second.append(Buffer.from('sound'));
      await Promise.all([...reserving, closing]);
      await second.close();
      expect(await readFile(join(folder, 'first'), 'utf8')).toBe('');
      expect(await readFile(join(folder, 'second'), 'utf8')).toBe('sound');
    }
  });

  it('go on from the length at which they are opened', async () => {
    const path = join(folder, 'file');
    const file = await layer.create(path);
    await file.append(Buffer.from('kept, cut off'));
    await file.close();
    const again = await layer.openToGrow(path, 4);
    await again.append(Buffer.from(' and more'));
    await again.close();
    expect(await readFile(path, 'utf8')).toBe('kept and more');
  });

  it('are read in part, up to their end', async () => {
    const path = join(folder, 'file');
    const file = await layer.create(path);
    await file.append(Buffer.from('0123456789'));
    const reader = await layer.openToRead(path);
    expect((await reader.read(3, 4)).toString()).toBe('3456');
    expect((await reader.read(8, 10)).toString()).toBe('89');
    expect(await reader.measure()).toBe(10);
    await reader.close();
    await file.close();
  });

  it('that are not there are missing, folders that are not there are empty', async () => {
    await expect(layer.openToRead(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await layer.refresh(join(folder, 'nothing'))).toBe(false);
    expect(await layer.list(join(folder, 'nothing'))).toEqual([]);
    await layer.makeFolder(join(folder, 'a', 'b', 'c'));
    expect(await layer.list(join(folder, 'a', 'b'))).toEqual(['c']);
  });
});
