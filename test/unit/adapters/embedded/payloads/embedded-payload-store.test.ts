// Payloads on disk and in memory, as functions meet them: by URL.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedPayloadStore } from '../../../../../src/adapters/embedded/payloads/embedded-payload-store.ts';
import { MemoryPayloadStore } from '../../../../../src/adapters/embedded/payloads/memory-payload-store.ts';
import { makeNodeFileLayer } from '../../../../../src/adapters/embedded/files/node-file-layer.ts';
import { putPayload } from '../../../../../src/adapters/payload-transfer/put-payload.ts';

const CALL = { timeoutMs: 1000 };
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('payloads on disk', () => {
  let folder: string;
  let store: EmbeddedPayloadStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-payloads-'));
    store = new EmbeddedPayloadStore(makeNodeFileLayer(), join(folder, 'payloads'), join(folder, 'archive'));
    await store.open();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are files that a link names', async () => {
    const link = await store.put('"größer"', CALL);
    expect(await readFile(new URL(await store.makeLink(link, CALL)), 'utf8')).toBe('"größer"');
  });

  it('may be put by others, into the folder that a grant names', async () => {
    const value = 'put by a function '.repeat(10_000);
    const text = JSON.stringify(value);
    const link = { sha256: hash(text), bytes: text.length };
    expect(await putPayload({ json: value }, await store.makeGrant(CALL))).toEqual({ link });
    expect(await store.get(link, CALL)).toBe(text);
    expect(await readFile(new URL(await store.makeLink(link, CALL)), 'utf8')).toBe(text);
  });

  it('get younger when they are put again', async () => {
    const link = await store.put('"old"', CALL);
    const path = fileURLToPath(await store.makeLink(link, CALL));
    await utimes(path, 1000, 1000);
    await store.put('"old"', CALL);
    expect((await stat(path)).mtimeMs).toBeGreaterThan(1_000_000);
  });

  it('leave no scratch files behind', async () => {
    await Promise.all(['a', 'b', 'a'].map((text) => store.put(text, CALL)));
    await store.putArchive('name', 'text', CALL);
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files.filter((name) => !/^[0-9a-f]{64}(\.json)?$/.test(name))).toEqual([]);
    expect(files.length).toBe(3);
  });
});

describe('payloads in memory', () => {
  it('are read by a data URL, and cannot be put by others', async () => {
    const store = new MemoryPayloadStore();
    const link = await store.put('"größer"', CALL);
    const url = await store.makeLink(link, CALL);
    expect(url).toMatch(/^data:/);
    expect(await (await fetch(url)).text()).toBe('"größer"');
    expect(await store.makeGrant(CALL)).toEqual({ url: 'memory:', fields: {} });
  });
});
