// Keeps a data folder and a Pulsar namespace together: runs in the one, their messages in the other; with either alone history would be lost.
import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StarquakeError } from '../protocol/starquake-error.ts';

/** A namespace, as far as the pairing goes. */
export interface PairedNamespace {
  /** For people: `starquake/main at http://127.0.0.1:8080`. */
  readonly name: string;
  /** The mark that was left on it; undefined where there is none. */
  readMark(): Promise<string | undefined>;
  writeMark(id: string): Promise<void>;
  /** Whether runs were ever committed on it. */
  holdsHistory(): Promise<boolean>;
}

/** What is to be paired. */
export interface Pairing {
  readonly folder: string;
  /** Whether anything durable is in the folder. */
  readonly holdsHistory: boolean;
  /** Undefined when the folder is its own bus. */
  readonly namespace?: PairedNamespace;
}

const markSchema = z.object({ id: z.string(), namespace: z.string() });
type Mark = z.infer<typeof markSchema>;

const findMark = (folder: string): string => join(folder, 'pulsar-namespace.json');

const refuse = (message: string, hint: string): StarquakeError => new StarquakeError('DATA_MISMATCH', message, { hint });

const readFolderMark = async (folder: string): Promise<Mark | undefined> => {
  const file = findMark(folder);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return markSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StarquakeError('DATA_CORRUPT', `${file} cannot be understood.`, { cause: error });
  }
};

/** The folder's mark is on disk before the namespace gets its own: a crash between the two leaves a folder that is still empty. */
const writeFolderMark = async (folder: string, mark: Mark): Promise<void> => {
  const file = await open(findMark(folder), 'w');
  try {
    await file.writeFile(`${JSON.stringify(mark)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
};

const checkAlone = (folder: string, mark: Mark | undefined): void => {
  if (mark === undefined) return;
  throw refuse(
    `The data folder ${folder} belongs to the Pulsar namespace ${mark.namespace}: the messages of its runs are there.`,
    'Start it with --pulsar and that --namespace, or choose another folder with --data.',
  );
};

const checkTogether = async ({ folder, holdsHistory }: Pairing, mark: Mark | undefined, namespace: PairedNamespace): Promise<void> => {
  const marked = await namespace.readMark();
  if (marked !== undefined && marked === mark?.id) return;
  if (marked !== undefined)
    throw refuse(
      `The Pulsar namespace ${namespace.name} belongs to another data folder than ${folder}: it has messages of runs that are not in this one.`,
      'Start with the --data folder that the namespace was started with first, or choose another --namespace.',
    );
  if (holdsHistory)
    throw mark === undefined
      ? refuse(
          `The data folder ${folder} has runs whose messages are in the folder itself, and not in the Pulsar namespace ${namespace.name}.`,
          'Start it without --pulsar, or choose a new folder with --data.',
        )
      : refuse(
          `The data folder ${folder} belongs to the Pulsar namespace ${mark.namespace}; ${namespace.name} is another, or was made anew since.`,
          'Start it on the Pulsar and the --namespace that it was started with first, or choose a new folder with --data.',
        );
  if (await namespace.holdsHistory())
    throw refuse(
      `The Pulsar namespace ${namespace.name} has the history of runs that are not in the data folder ${folder}.`,
      'Choose another --namespace, or start with the stores that its runs are in.',
    );
};

/**
 * Makes sure that a folder and what carries its messages belong together. It changes nothing by itself.
 *
 * @returns how to mark both as belonging together, once the namespace is there
 * @throws DATA_MISMATCH, DATA_CORRUPT
 */
export const pairFolder = async (pairing: Pairing): Promise<() => Promise<void>> => {
  const { folder, namespace } = pairing;
  const mark = await readFolderMark(folder);
  if (namespace === undefined) {
    checkAlone(folder, mark);
    return () => Promise.resolve();
  }
  await checkTogether(pairing, mark, namespace);
  return async () => {
    const id = mark?.id ?? randomUUID();
    if (mark?.namespace !== namespace.name) await writeFolderMark(folder, { id, namespace: namespace.name });
    if ((await namespace.readMark()) !== id) await namespace.writeMark(id);
    // Two that began at the same moment on the same namespace: the mark that came last stands.
    await checkTogether({ ...pairing, holdsHistory: false }, { id, namespace: namespace.name }, namespace);
  };
};
