// The file layer over the disk of this machine.
import { constants, write } from 'node:fs';
import { mkdir, open, readdir, rename, unlink, utimes, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMissingFile, type FileLayer, type GrowingFile, type ReadableFile } from './file-layer.ts';
import { lockFolder } from './folder-lock.ts';

// On Linux a write with O_DSYNC is on disk when it returns: one trip to the thread pool in place of two.
const WRITES_SYNC = process.platform === 'linux';
const WRITING = constants.O_WRONLY | constants.O_CREAT | (WRITES_SYNC ? constants.O_DSYNC : 0);
const READ_WRITE_OWNER = 0o600;

const writeAt = (descriptor: number, bytes: Uint8Array, position: number): Promise<void> => {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  const writeFrom = (from: number): void =>
    write(descriptor, bytes, from, bytes.length - from, position + from, (error, written) => {
      if (error) reject(error);
      else if (from + written < bytes.length) writeFrom(from + written);
      else done();
    });
  writeFrom(0);
  return promise;
};

class NodeGrowingFile implements GrowingFile {
  readonly #handle: FileHandle;
  #length: number;
  /** Length of the file with what is reserved. */
  #reserved: number;
  #reserving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(handle: FileHandle, length: number) {
    this.#handle = handle;
    this.#length = length;
    this.#reserved = length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    // Zeros on their way must not be written over what is appended.
    if (this.#length + bytes.length > this.#reserved) await this.#reserving;
    await writeAt(this.#handle.fd, bytes, this.#length);
    this.#length += bytes.length;
    this.#reserved = Math.max(this.#reserved, this.#length);
    if (!WRITES_SYNC) await this.#handle.datasync();
  }

  reserve(length: number): Promise<void> {
    this.#reserving = this.#reserving.then(() => this.#reserve(length));
    return this.#reserving;
  }

  async close(): Promise<void> {
    // Nothing may be written once the descriptor is free for another file.
    this.#isClosed = true;
    await this.#reserving;
    if (this.#reserved > this.#length) await this.#handle.truncate(this.#length);
    await this.#handle.close();
  }

  async #reserve(length: number): Promise<void> {
    if (this.#isClosed) return;
    await writeAt(this.#handle.fd, Buffer.alloc(length), this.#reserved);
    this.#reserved += length;
  }
}

class NodeReadableFile implements ReadableFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async measure(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

const syncFolder = async (folder: string): Promise<void> => {
  // Windows cannot open a folder, and keeps names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const makeFolder = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // `first` is the topmost folder that was made: each name from there down is synced in the folder above it.
  let made = resolve(folder);
  while (made.length >= resolve(first).length) {
    await syncFolder(dirname(made));
    made = dirname(made);
  }
};

/**
 * Makes the file layer over this machine's disk.
 *
 * @example
 * const store = await openEmbeddedStore({ folder: '.starquake', fileLayer: makeNodeFileLayer(), clock, report });
 */
export const makeNodeFileLayer = (): FileLayer => ({
  soon: (fn) => void setImmediate(fn),
  lock: lockFolder,
  makeFolder,
  list: async (folder) => {
    try {
      return await readdir(folder);
    } catch (error) {
      if (isMissingFile(error)) return [];
      throw error;
    }
  },
  create: async (path) => new NodeGrowingFile(await open(path, WRITING | constants.O_TRUNC, READ_WRITE_OWNER), 0),
  openToGrow: async (path, length) => {
    const handle = await open(path, WRITING, READ_WRITE_OWNER);
    await handle.truncate(length);
    await handle.sync();
    return new NodeGrowingFile(handle, length);
  },
  openToRead: async (path) => new NodeReadableFile(await open(path, 'r')),
  refresh: async (path) => {
    try {
      const now = new Date();
      await utimes(path, now, now);
      return true;
    } catch (error) {
      if (isMissingFile(error)) return false;
      throw error;
    }
  },
  rename,
  remove: unlink,
  syncFolder,
});
