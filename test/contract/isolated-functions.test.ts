// Runs the suite of functions on processes of their own.
import { fileURLToPath } from 'node:url';
import { openIsolatedFunctions } from '../../src/adapters/isolated-functions/isolated-functions.ts';
import { contractFunctions, describeFunctions } from './functions.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../support/functions/${name}.ts`, import.meta.url));

describeFunctions('processes', (clock) => {
  const functions = openIsolatedFunctions({ clock });
  functions.install({ functions: contractFunctions.map((name) => ({ name, file: fileOf(name), memoryMb: 256 })) });
  return { functions, losesCodes: true, close: () => functions.close() };
});
