// What jobs note of their attempts, one line each, and how a test reads it.
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const noteSchema = z.object({ run: z.string(), job: z.string(), number: z.int(), key: z.string(), at: z.number(), process: z.int() });

/** An attempt that began. */
export type Note = z.infer<typeof noteSchema>;

const readLines = async (file: string): Promise<readonly string[]> => {
  const text = await readFile(file, 'utf8');
  return text.split('\n').slice(0, -1);
};

/** All notes. */
export const readNotes = async (file: string): Promise<readonly Note[]> =>
  (await readLines(file)).map((line) => noteSchema.parse(JSON.parse(line)));

/** Resolves once that many attempts have begun, or `signal` is aborted. */
export const waitForNotes = async (file: string, count: number, signal: AbortSignal): Promise<void> => {
  const changed = new EventTarget();
  const watcher = watch(file, () => changed.dispatchEvent(new Event('change')));
  try {
    while (!signal.aborted) {
      const next = new Promise((resolve) => {
        changed.addEventListener('change', resolve, { once: true });
        signal.addEventListener('abort', resolve, { once: true });
      });
      if ((await readLines(file)).length >= count) return;
      await next;
    }
  } finally {
    watcher.close();
  }
};
