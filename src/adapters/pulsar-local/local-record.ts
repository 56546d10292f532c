// What is remembered of a local broker between commands: its ports, and what runs it.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StarquakeError } from '../../protocol/starquake-error.ts';

const portSchema = z.int().min(1).max(65_535);

const recordSchema = z.object({
  /** The next start takes them again. */
  ports: z.object({ web: portSchema, broker: portSchema }),
  /** What runs the broker, or ran it last; not there after it was ended. */
  runner: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('process'), pid: z.int().positive(), started: z.string(), home: z.string() }),
      z.object({ kind: z.literal('container'), engine: z.string(), name: z.string() }),
    ])
    .exactOptional(),
  /** A container that holds data, also while it does not run. */
  container: z.object({ engine: z.string(), name: z.string() }).exactOptional(),
  /** When it was started, in milliseconds since the epoch. */
  since: z.number().exactOptional(),
});

/** What is remembered of a local broker. */
export type LocalRecord = z.infer<typeof recordSchema>;

/** Its file, in the folder of the broker. */
export const RECORD_FILE = 'local.json';

const findRecord = (folder: string): string => join(folder, RECORD_FILE);

/**
 * Reads what is remembered of the broker of a folder; undefined when it was never started.
 *
 * @throws PULSAR_FAILED when it cannot be understood
 */
export const readRecord = async (folder: string): Promise<LocalRecord | undefined> => {
  const file = findRecord(folder);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StarquakeError('PULSAR_FAILED', `What ${file} says cannot be understood.`, {
      hint: 'See whether a broker runs on this folder and end it; then remove the file.',
      cause: error,
    });
  }
};

/** Remembers it, whole or not at all. */
export const writeRecord = async (folder: string, record: LocalRecord): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const file = findRecord(folder);
  await writeFile(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
};
