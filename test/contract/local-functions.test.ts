// Runs the suite of functions on worker threads.
import { fileURLToPath } from 'node:url';
import { openLocalFunctions } from '../../src/adapters/local-functions/local-functions.ts';
import { contractFunctions, describeFunctions } from './functions.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../support/functions/${name}.ts`, import.meta.url));

describeFunctions('worker threads', (clock) => {
  const functions = openLocalFunctions({ clock });
  functions.install({ functions: contractFunctions.map((name) => ({ name, kind: 'job', file: fileOf(name), memoryMb: 256 })) });
  return { functions, close: () => functions.close() };
});
