// Reads the texts in a compiled Java class, of a jar of the distribution: names of settings are among them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_SIZE = 22;
const LOCAL_HEADER_SIZE = 30;
const STORED = 0;

/** The content of one file of a zip archive; undefined when it is not in it. */
const readEntry = (zip: Buffer, wanted: string): Buffer | undefined => {
  let end = zip.length - DIRECTORY_END_SIZE;
  while (end > 0 && zip.readUInt32LE(end) !== DIRECTORY_END) end--;
  for (let at = zip.readUInt32LE(end + 16); zip.readUInt32LE(at) === DIRECTORY_ENTRY;) {
    const [nameSize, extraSize, commentSize] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const name = zip.toString('utf8', at + 46, at + 46 + nameSize);
    if (name === wanted) {
      const header = zip.readUInt32LE(at + 42);
      const from = header + LOCAL_HEADER_SIZE + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === STORED ? packed : inflateRawSync(packed);
    }
    at += 46 + nameSize + extraSize + commentSize;
  }
  return undefined;
};

const UTF8 = 1;
/** Bytes after the tag, by the tag of a constant. */
const sizes: Readonly<Record<number, number>> = {
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 2,
  8: 2,
  9: 4,
  10: 4,
  11: 4,
  12: 4,
  15: 3,
  16: 2,
  17: 4,
  18: 4,
  19: 2,
  20: 2,
};
/** They take two places. */
const isWide = (tag: number): boolean => tag === 5 || tag === 6;

/** All texts among the constants of a class file: names of fields, and what is written in its code. */
const readConstants = (bytes: Buffer): readonly string[] => {
  const texts: string[] = [];
  const count = bytes.readUInt16BE(8);
  for (let at = 10, place = 1; place < count; place++) {
    const tag = bytes.readUInt8(at);
    if (tag === UTF8) {
      const size = bytes.readUInt16BE(at + 1);
      texts.push(bytes.toString('utf8', at + 3, at + 3 + size));
      at += 3 + size;
      continue;
    }
    at += 1 + (sizes[tag] ?? 0);
    if (isWide(tag)) place++;
  }
  return texts;
};

/**
 * Texts of a class of the distribution.
 *
 * @param home - of the distribution
 * @param jar - how the name of the jar begins
 * @param className - with slashes
 * @throws Error when there is no such class
 */
export const readClassTexts = async (home: string, jar: string, className: string): Promise<readonly string[]> => {
  const file = (await readdir(join(home, 'lib'))).find((name) => name.startsWith(jar) && name.endsWith('.jar'));
  const entry = file === undefined ? undefined : readEntry(await readFile(join(home, 'lib', file)), `${className}.class`);
  if (entry === undefined) throw new Error(`The distribution has no class ${className} in ${jar}.`);
  return readConstants(entry);
};
