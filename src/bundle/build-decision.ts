// Builds the decision function: the workflow code as a text for a realm, inside the module that replays it.
import { buildModule, type BuiltModule } from './build-module.ts';
import { findPackageFile } from './package-files.ts';
import { cutJobs, dropUnusedImports, leaveOutSchemas, standInForBuiltins } from './shape-workflow-code.ts';

/** Builds what is evaluated in a realm: the guards first, then the app without the code of its jobs, then the replay of its runs. */
export const buildWorkflows = (entry: string, minify: boolean): Promise<BuiltModule> =>
  buildModule({
    format: 'iife',
    minify,
    plugins: [dropUnusedImports, cutJobs(), leaveOutSchemas, standInForBuiltins],
    modules: {
      guards: `import { installGuards } from ${path('engine/sandbox/install-guards')}; installGuards();`,
      main: `
        import 'starquake:guards';
        import app from ${JSON.stringify(entry)};
        import { registerApp } from ${path('engine/replay/register')};
        if (app?.kind === 'app') registerApp(app);
        export { app };`,
    },
  });

const shells = new Map<boolean, Promise<BuiltModule>>();

/** Wraps a workflow bundle into the decision function; all but that text is the same for every app, so it is built once. */
export const buildDecision = async (workflows: string, minify: boolean): Promise<string> => {
  const shell = shells.get(minify) ?? buildShell(minify);
  shells.set(minify, shell);
  return `const starquakeWorkflows = ${JSON.stringify(workflows)};\n${(await shell).text}`;
};

const buildShell = (minify: boolean): Promise<BuiltModule> =>
  buildModule({
    format: 'esm',
    minify,
    plugins: [leaveOutSchemas],
    modules: {
      main: `import { createDecisionHandler } from ${path('lambdas/decision')}; export const handler = createDecisionHandler(starquakeWorkflows);`,
    },
  });

const path = (name: string): string => JSON.stringify(findPackageFile(name));
