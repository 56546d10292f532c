// The functions that the suite of isolation needs.
import { fileURLToPath } from 'node:url';
import type { IsolatedFunctionFile } from '../../../src/adapters/isolated-functions/isolated-functions.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Long enough for a process that starts while others keep all cores busy. */
const PATIENT_MS = 120_000;

const install = (name: string, path: string, options: Partial<IsolatedFunctionFile> = {}): IsolatedFunctionFile => ({
  name,
  file: fileOf(path),
  memoryMb: 128,
  timeoutMs: PATIENT_MS,
  ...options,
});

/** By the names that the suite invokes them by. */
export const isolationFunctions: readonly IsolatedFunctionFile[] = [
  install('echo', '../functions/echo.ts'),
  install('misbehave', '../functions/misbehave.ts'),
  install('misbehave-briefly', '../functions/misbehave.ts', { timeoutMs: 300 }),
  install('alone', './functions/misbehave-alone.ts'),
  install('fail-to-load', './functions/fail-to-load.ts'),
  install('no-handler', './functions/no-handler.ts'),
];
