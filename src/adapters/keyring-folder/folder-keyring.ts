// Data keys of tenants on this machine: a file each, that only its owner may read; erasing one leaves a mark in its place.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Keyring } from '../../ports/keyring.ts';
import { DATA_KEY_BYTES } from '../../protocol/limits.ts';

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY = 0o600;

const isErrno = (error: unknown, code: string): boolean => error instanceof Error && Reflect.get(error, 'code') === code;

const LONGEST_NAME = 150;

/** A file name for any tenant, the same each time; also where files are told apart by more than the case of their letters only. */
const nameFile = (tenant: string): string => {
  const name = tenant.replaceAll(/[^a-z0-9-]/gu, (char) => `_${Buffer.from(char).toString('hex')}_`);
  return name.length <= LONGEST_NAME ? name : `_long_${createHash('sha256').update(tenant).digest('hex')}`;
};

const read = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Puts a file that nobody has put before; it is whole under its name, or not there. @returns whether it is ours */
const putNew = async (folder: string, name: string, bytes: Uint8Array): Promise<boolean> => {
  const temporary = join(folder, `${name}.${randomUUID()}.tmp`);
  const handle = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, join(folder, name));
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
    await syncFolder(folder);
  }
};

/**
 * Makes the keyring of a folder; several processes may share it.
 *
 * @param folder - made if it is not there; keep it apart from the data, and from the data's backups
 * @example
 * const keyring = openFolderKeyring('/etc/starquake/keys');
 */
export const openFolderKeyring = (folder: string): Keyring => {
  const explain = (doing: string, cause: unknown): StarquakeError =>
    cause instanceof StarquakeError
      ? cause
      : new StarquakeError('STORE_FAILED', `${doing} in ${folder} failed: ${cause instanceof Error ? cause.message : String(cause)}.`, {
          cause,
        });

  const parseKey = (tenant: string, bytes: Buffer): Uint8Array => {
    if (bytes.length === DATA_KEY_BYTES) return new Uint8Array(bytes);
    const length = `${bytes.length} bytes, and not ${DATA_KEY_BYTES}`;
    throw new StarquakeError('STORE_FAILED', `The file of the key of the tenant "${tenant}" in ${folder} has ${length}.`);
  };

  const isErased = async (tenant: string): Promise<boolean> => (await read(join(folder, `${nameFile(tenant)}.erased`))) !== undefined;

  return {
    findKey: async (tenant) => {
      const name = `${nameFile(tenant)}.key`;
      try {
        await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
        if (await isErased(tenant)) return 'erased';
        const standing = await read(join(folder, name));
        if (standing !== undefined) return parseKey(tenant, standing);
        const made = randomBytes(DATA_KEY_BYTES);
        const isOurs = await putNew(folder, name, made);
        const key = isOurs ? made : await read(join(folder, name));
        // It was erased while it was being made.
        if (key === undefined || (await isErased(tenant))) {
          await rm(join(folder, name), { force: true });
          return 'erased';
        }
        return parseKey(tenant, key);
      } catch (error) {
        throw explain('Finding a key', error);
      }
    },
    eraseKey: async (tenant) => {
      try {
        await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
        await putNew(folder, `${nameFile(tenant)}.erased`, Buffer.from('erased'));
        // Also what a killed process has left of it.
        const key = `${nameFile(tenant)}.key`;
        for (const file of await readdir(folder))
          if (file === key || file.startsWith(`${key}.`)) await rm(join(folder, file), { force: true });
        await syncFolder(folder);
      } catch (error) {
        throw explain('Erasing a key', error);
      }
    },
  };
};
