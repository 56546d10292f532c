// A disk that forgets at a power cut what was not synced: bytes, names of files, in part or altogether.
import { basename, dirname } from 'node:path';
import type { FileLayer, GrowingFile, ReadableFile } from '../../src/adapters/embedded/files/file-layer.ts';
import { missingFile } from '../../src/adapters/embedded/files/memory-file-layer.ts';
import type { SeededRandom } from './seeded-random.ts';

interface DiskFile {
  /** Survives a cut. */
  synced: Buffer;
  /** Where the next bytes go; room may be reserved behind. */
  end: number;
  /** Is being written at the end: a cut keeps a random part of it. */
  writing: Buffer;
}

const SECTOR_BYTES = 64;

/** What a file holds once `bytes` are written at its end. */
const writeAtEnd = ({ synced, end }: DiskFile, bytes: Buffer): Buffer => {
  const written = Buffer.alloc(Math.max(synced.length, end + bytes.length));
  synced.copy(written);
  bytes.copy(written, end);
  return written;
};

/** What a power cut leaves of bytes that are being written: the front, or some sectors of them with zeros between. */
const tear = (bytes: Buffer, random: SeededRandom): Buffer => {
  if (random.chance(0.3)) return bytes;
  if (random.chance(0.6)) return bytes.subarray(0, random.integer(bytes.length + 1));
  const torn = Buffer.from(bytes);
  for (let at = 0; at < torn.length; at += SECTOR_BYTES) if (random.chance(0.5)) torn.fill(0, at, Math.min(at + SECTOR_BYTES, torn.length));
  return torn;
};

/** A change of names that is not synced yet. */
interface NameChange {
  readonly folder: string;
  apply(names: Map<string, DiskFile>): void;
}

const EMPTY = Buffer.alloc(0);

/** A disk for tests. */
export class ForgettingDisk {
  readonly #random: SeededRandom;
  /** Names as programs see them. */
  readonly #names: Map<string, DiskFile>;
  /** Names as a power cut leaves them. */
  readonly #syncedNames: Map<string, DiskFile>;
  #changes: NameChange[] = [];
  #isCut = false;

  constructor(random: SeededRandom, files: ReadonlyMap<string, DiskFile> = new Map()) {
    this.#random = random;
    this.#names = new Map(files);
    this.#syncedNames = new Map(files);
  }

  /** Cuts the power: nothing asked of this disk is answered any more. Answers the disk as it is found afterwards. */
  cut(): ForgettingDisk {
    this.#isCut = true;
    // Each change of a name that was not synced happened or did not, in the order in which they were made.
    for (const change of this.#changes) if (this.#random.chance(0.5)) change.apply(this.#syncedNames);
    const files = new Map<string, DiskFile>();
    for (const [path, file] of this.#syncedNames) {
      const synced = writeAtEnd(file, tear(file.writing, this.#random));
      files.set(path, { synced, end: synced.length, writing: EMPTY });
    }
    return new ForgettingDisk(this.#random, files);
  }

  /** The layer over this disk. */
  makeLayer(): FileLayer {
    return {
      soon: (fn) => void this.#pass().then(fn),
      lock: () => Promise.resolve(() => Promise.resolve()),
      makeFolder: () => this.#pass(),
      list: async (folder) => {
        await this.#pass();
        return [...this.#names.keys()].filter((path) => dirname(path) === folder).map((path) => basename(path));
      },
      create: (path) => this.#create(path),
      openToGrow: (path, length) => this.#openToGrow(path, length),
      openToRead: async (path) => {
        await this.#pass();
        return this.#readFrom(this.#find(path));
      },
      refresh: async (path) => {
        await this.#pass();
        return this.#names.has(path);
      },
      rename: async (from, to) => {
        await this.#pass();
        const file = this.#find(from);
        this.#change({
          folder: dirname(to),
          apply: (names) => {
            names.delete(from);
            names.set(to, file);
          },
        });
      },
      remove: async (path) => {
        await this.#pass();
        this.#find(path);
        this.#change({ folder: dirname(path), apply: (names) => names.delete(path) });
      },
      syncFolder: (folder) => this.#syncFolder(folder),
    };
  }

  async #create(path: string): Promise<GrowingFile> {
    await this.#pass();
    const file: DiskFile = { synced: EMPTY, end: 0, writing: EMPTY };
    this.#change({ folder: dirname(path), apply: (names) => names.set(path, file) });
    return this.#grow(file);
  }

  async #openToGrow(path: string, length: number): Promise<GrowingFile> {
    await this.#pass();
    const file = this.#find(path);
    await this.#pass();
    file.synced = file.synced.subarray(0, length);
    file.end = length;
    await this.#pass();
    return this.#grow(file);
  }

  async #syncFolder(folder: string): Promise<void> {
    const synced = this.#changes.filter((change) => change.folder === folder);
    await this.#pass();
    for (const change of synced) change.apply(this.#syncedNames);
    this.#changes = this.#changes.filter((change) => !synced.includes(change));
    await this.#pass();
  }

  #grow(file: DiskFile): GrowingFile {
    return {
      append: async (bytes) => {
        file.writing = Buffer.from(bytes);
        await this.#pass();
        file.synced = writeAtEnd(file, file.writing);
        file.end += file.writing.length;
        file.writing = EMPTY;
        // On disk, but its writer does not know yet.
        await this.#pass();
      },
      reserve: async (length) => {
        await this.#pass();
        file.synced = Buffer.concat([file.synced, Buffer.alloc(length)]);
      },
      close: async () => {
        await this.#pass();
        if (this.#random.chance(0.5)) file.synced = file.synced.subarray(0, file.end);
      },
    };
  }

  #readFrom(file: DiskFile): ReadableFile {
    return {
      measure: async () => {
        await this.#pass();
        return file.synced.length;
      },
      read: async (offset, length) => {
        await this.#pass();
        return Buffer.from(file.synced.subarray(offset, offset + length));
      },
      close: () => Promise.resolve(),
    };
  }

  #change(change: NameChange): void {
    change.apply(this.#names);
    this.#changes.push(change);
  }

  #find(path: string): DiskFile {
    const file = this.#names.get(path);
    if (file === undefined) throw missingFile(path);
    return file;
  }

  /** Takes a random while; for ever once the power is cut. */
  async #pass(): Promise<void> {
    for (let turns = this.#random.integer(6); turns > 0; turns--) await Promise.resolve();
    if (this.#isCut) await new Promise<never>(() => undefined);
  }
}
