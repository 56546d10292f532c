// A file layer without files, for the memory mode: the same store code runs on it, and nothing outlives the process.
import { basename, dirname } from 'node:path';
import type { FileLayer, GrowingFile, ReadableFile } from './file-layer.ts';

/** Bytes that grow at the end. */
export class MemoryFile {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  cutTo(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** A copy of a part. */
  read(offset: number, length: number): Buffer {
    return Buffer.from(this.#bytes.subarray(offset, Math.min(offset + length, this.#length)));
  }
}

const growIn = (file: MemoryFile): GrowingFile => ({
  append: (bytes) => Promise.resolve(file.append(bytes)),
  reserve: () => Promise.resolve(),
  close: () => Promise.resolve(),
});

const readFrom = (file: MemoryFile): ReadableFile => ({
  measure: () => Promise.resolve(file.length),
  read: (offset, length) => Promise.resolve(file.read(offset, length)),
  close: () => Promise.resolve(),
});

/** An error as the disk gives it for a file that is not there. */
export const missingFile = (path: string): Error => Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });

/** Makes an empty file layer in memory. */
export const makeMemoryFileLayer = (): FileLayer => {
  const files = new Map<string, MemoryFile>();
  const find = (path: string): MemoryFile => {
    const file = files.get(path);
    if (file === undefined) throw missingFile(path);
    return file;
  };
  return {
    soon: queueMicrotask,
    lock: () => Promise.resolve(() => Promise.resolve()),
    makeFolder: () => Promise.resolve(),
    list: (folder) => Promise.resolve([...files.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path))),
    create: (path) => {
      const file = new MemoryFile();
      files.set(path, file);
      return Promise.resolve(growIn(file));
    },
    openToGrow: async (path, length) => {
      const file = find(path);
      file.cutTo(length);
      return growIn(file);
    },
    openToRead: async (path) => readFrom(find(path)),
    refresh: (path) => Promise.resolve(files.has(path)),
    rename: async (from, to) => {
      files.set(to, find(from));
      files.delete(from);
    },
    remove: async (path) => {
      find(path);
      files.delete(path);
    },
    syncFolder: () => Promise.resolve(),
  };
};
