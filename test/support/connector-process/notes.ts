// What processes under test note, a line of JSON each: written at once, so that not even a kill loses one.
import { writeSync } from 'node:fs';
import { z } from 'zod';

const at = z.number();
const attempt = { run: z.string(), job: z.int(), generation: z.int(), number: z.int() };

export const noteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), at, transport: z.enum(['native', 'websocket', 'none']) }),
  z.object({ kind: z.literal('trouble'), at, doing: z.string(), text: z.string() }),
  z.object({ kind: z.literal('gained'), at, partition: z.int() }),
  z.object({ kind: z.literal('redelivered'), at, topic: z.string(), count: z.int() }),
  /** Messages that were published once more. */
  z.object({ kind: z.literal('published-again'), at, topic: z.string(), count: z.int() }),
  z.object({ kind: z.literal('lost-race'), at, run: z.string(), version: z.int() }),
  /** A timer is being fired. */
  z.object({ kind: z.literal('fired'), at, run: z.string(), timer: z.int() }),
  z.object({ kind: z.literal('invoked'), at, name: z.string(), key: z.string(), ...attempt }),
  z.object({ kind: z.literal('answered'), at, ...attempt }),
  /** A connector is about to read whether an attempt of the run is wanted. */
  z.object({ kind: z.literal('checked'), at, run: z.string() }),
  /** It has read so, and is about to claim the attempt. */
  z.object({ kind: z.literal('claiming'), at, ...attempt }),
  /** The end of a job is in the store. */
  z.object({ kind: z.literal('ended'), at, run: z.string(), job: z.int() }),
  z.object({ kind: z.literal('left'), at }),
]);
/** One note. All times in milliseconds since the epoch. */
export type Note = z.infer<typeof noteSchema>;

/** Writes a note on the standard output. */
export const writeNote = (note: Note): void => void writeSync(1, `${JSON.stringify(note)}\n`);

/** Reads notes; a line that a kill cut short is left out. */
export const readNotes = (text: string): readonly Note[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith('{"kind"'))
    .map((line) => noteSchema.parse(JSON.parse(line)));
