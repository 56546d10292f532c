// Builds the functions that run in Node: authors' jobs, and the judge of their failures, which needs their retry policies only.
import { buildModule, type BuiltModule } from './build-module.ts';
import { findPackageFile } from './package-files.ts';
import { cutJobs, leaveOutSchemas } from './shape-workflow-code.ts';

/** Builds the job-retry function: the app without the code of its jobs. */
export const buildJobRetry = (entry: string, minify: boolean): Promise<BuiltModule> =>
  buildModule({
    format: 'esm',
    minify,
    plugins: [cutJobs(), leaveOutSchemas],
    modules: { main: serve(entry, 'lambdas/job-retry', 'createJobRetryHandler') },
  });

/**
 * Builds a function that runs jobs.
 *
 * @param only - the one job whose code it carries; all of them when left out
 */
export const buildJobs = (entry: string, minify: boolean, only?: string): Promise<BuiltModule> =>
  buildModule({
    format: 'esm',
    minify,
    plugins: [...(only === undefined ? [] : [cutJobs((name) => name === undefined || name === only)]), leaveOutSchemas],
    modules: { main: serve(entry, 'lambdas/job', 'createJobHandler') },
  });

const serve = (entry: string, lambda: string, create: string): string =>
  `import app from ${JSON.stringify(entry)}; import { ${create} } from ${JSON.stringify(findPackageFile(lambda))}; export const handler = ${create}(app);`;
