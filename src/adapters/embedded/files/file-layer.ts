// The few things the embedded store asks of a file system, so that tests can put one under it that forgets what was not synced.
import { dirname } from 'node:path';

/** A file that only grows. */
export interface GrowingFile {
  /** Adds bytes at the end. They survive a power cut once this is answered, if the file's name does. */
  append(bytes: Uint8Array): Promise<void>;
  /** Makes room behind the end, of zeros, so that the appends that fill it are quicker: they leave the file's length as it is. */
  reserve(length: number): Promise<void>;
  /** Gives back what was reserved and not used, if it can. */
  close(): Promise<void>;
}

/** A file that is read. */
export interface ReadableFile {
  /** Present length in bytes. */
  measure(): Promise<number>;
  /** Bytes from `offset` on; fewer than `length` at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Files and folders. Names (made, renamed, removed) survive a power cut once `syncFolder` of their folder is answered. */
export interface FileLayer {
  /** Calls back soon, with everything that is ready to run now done before. */
  soon(fn: () => void): void;
  /** Makes this process the folder's only user; answers how to let go. @throws DATA_IN_USE */
  lock(folder: string): Promise<() => Promise<void>>;
  /** Makes a folder and those above it; durable when answered. */
  makeFolder(folder: string): Promise<void>;
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Makes an empty file, in place of any that is there. */
  create(path: string): Promise<GrowingFile>;
  /** Opens a file to grow from `length` bytes on; what was behind is cut off, durably when answered. */
  openToGrow(path: string, length: number): Promise<GrowingFile>;
  /** Rejects with code ENOENT when there is no such file. */
  openToRead(path: string): Promise<ReadableFile>;
  /** Makes a file's age zero; answers whether there is such a file. */
  refresh(path: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncFolder(folder: string): Promise<void>;
}

/** Whether an error says that there is no such file. */
export const isMissingFile = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** All bytes of a file, or undefined when it is not there. */
export const readWholeFile = async (layer: FileLayer, path: string): Promise<Buffer | undefined> => {
  try {
    const file = await layer.openToRead(path);
    try {
      return await file.read(0, await file.measure());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
};

/** Writes a file whole or not at all, in place of any that is there; durable when answered. `scratch` is a name beside it that nobody else uses. */
export const writeWholeFile = async (layer: FileLayer, path: string, bytes: Uint8Array, scratch: string): Promise<void> => {
  const file = await layer.create(scratch);
  try {
    await file.append(bytes);
  } finally {
    await file.close();
  }
  await layer.rename(scratch, path);
  await layer.syncFolder(dirname(path));
};
