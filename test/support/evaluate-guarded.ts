// Evaluates code in a realm with the guards installed, inside or outside of a run.
import vm from 'node:vm';
import { fileURLToPath } from 'node:url';
import { buildModule } from '../../src/bundle/build-module.ts';
import { standInForBuiltins } from '../../src/bundle/shape-workflow-code.ts';

const sandbox = fileURLToPath(new URL('../../src/engine/sandbox/', import.meta.url));
const name = (file: string): string => JSON.stringify(sandbox + file);

/** Makes an evaluator: `imports` are evaluated after the guards, and what they bind to `globalThis` is there for the code. */
export const makeGuardedRealm = async (imports = ''): Promise<(code: string, run?: 'in a run' | 'outside') => unknown> => {
  const { text } = await buildModule({
    format: 'iife',
    minify: false,
    plugins: [standInForBuiltins],
    modules: {
      guards: `import { installGuards } from ${name('install-guards.ts')}; installGuards();`,
      main: `import 'starquake:guards'; ${imports}; import { sandbox } from ${name('sandbox-host.ts')}; globalThis.sandbox = sandbox;`,
    },
  });
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(text, context);
  vm.runInContext(
    'let drawn = 0; globalThis.run = { now: () => 1_000, random: () => (drawn++ % 10) / 10, uuid: () => "uuid-of-the-run" };',
    context,
  );
  return (code, run = 'in a run'): unknown =>
    vm.runInContext(`sandbox.run = ${run === 'in a run' ? 'run' : 'undefined'}; ${code}`, context);
};
