// Builds what asks a workflow bundle for what its app offers: apart from the bundle, so that no decision function carries it.
import { buildModule, type BuiltModule } from './build-module.ts';
import { findPackageFile } from './package-files.ts';
import { leaveOutSchemas } from './shape-workflow-code.ts';

let describer: Promise<BuiltModule> | undefined;

/** Builds a script that leaves `starquakeBundle.describe`; it is the same for every app, so it is built once. */
export const buildDescriber = async (): Promise<string> => {
  describer ??= buildModule({
    format: 'iife',
    minify: false,
    plugins: [leaveOutSchemas],
    modules: {
      main: `
        import { describeApp } from ${JSON.stringify(findPackageFile('bundle/describe-app'))};
        export const describe = (app) => JSON.stringify(app?.kind === 'app' ? describeApp(app) : null);`,
    },
  });
  return (await describer).text;
};
