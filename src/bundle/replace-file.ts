// Writes a file so that whoever reads it meanwhile gets the old one or the new one, whole.
import { rename, writeFile } from 'node:fs/promises';

/** Replaces a file at once. */
export const replaceFile = async (file: string, text: string): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
};
