// Makes a folder that looks like an unpacked distribution, with a broker that takes no time and no memory.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** How the broker behaves: `sick` is never healthy, `broken` ends at once, `stubborn` does not end when asked. */
export type FakeManner = 'well' | 'sick' | 'broken' | 'stubborn';

/** Makes it in `home`. @returns the environment that has it used */
export const makeFakeDistribution = async (home: string, manner: FakeManner = 'well'): Promise<Record<string, string>> => {
  await mkdir(join(home, 'bin'), { recursive: true });
  await mkdir(join(home, 'conf'), { recursive: true });
  const script = join(home, 'bin', 'pulsar');
  await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' '${resolve(import.meta.dirname, 'fake-broker.ts')}' "$@"\n`);
  await chmod(script, 0o755);
  // As shipped: a key that is set already, and no newline at the end.
  await writeFile(join(home, 'conf', 'standalone.conf'), '# Web\nwebServicePort=8080\nbindAddress=0.0.0.0');
  return { PULSAR_HOME: home, FAKE_BROKER: manner };
};
