// Finds out which release this is.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/** The version of the package, wherever it is installed. */
export const readVersion = (): string =>
  packageSchema.parse(JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('starquake/package.json')), 'utf8'))).version;
