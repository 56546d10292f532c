// Numbers what is shipped with a release of this package: by the release, so that every clone of it says the same.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+/) });

/** @returns 1002003 for the release 1.2.3 */
export const readReleaseOrder = (): number => {
  const path = fileURLToPath(import.meta.resolve('starquake/package.json'));
  const { version } = packageSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return (major * 1_000 + minor) * 1_000 + patch;
};
