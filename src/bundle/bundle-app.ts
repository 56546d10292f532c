// Makes a deployment of an app: its functions as files, and its manifest.
import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { manifestSchema, type Manifest } from '../protocol/manifest.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { buildDecision, buildWorkflows } from './build-decision.ts';
import { buildJobRetry, buildJobs } from './build-jobs.ts';
import type { BuiltModule } from './build-module.ts';
import type { BundleOptions } from './bundle-options.ts';
import type { AppDescription } from './describe-app.ts';
import { explainBuildFailure } from './explain-build-failure.ts';
import { readDescription } from './read-description.ts';
import { replaceFile } from './replace-file.ts';

/** A function of a deployment, as a file that exports `handler`. */
export interface BundledFunction {
  readonly name: string;
  readonly kind: 'decision' | 'job-retry' | 'job' | 'timer';
  readonly file: string;
  readonly memoryMb: number;
}

/** A deployment of an app. */
export interface Bundle {
  readonly manifest: Manifest;
  readonly functions: readonly BundledFunction[];
}

interface Built extends Omit<BundledFunction, 'name' | 'file'> {
  /** File name without its ending, and with the app and the deployment the name of the function. */
  readonly part: string;
  readonly text: string;
}

const ENGINE_MEMORY_MB = 256;

/**
 * Bundles an app.
 *
 * @param entry - path of the file that exports the app as default
 * @throws BUNDLE_FAILED with file and line; APP_INVALID and others if the app's definitions say so
 * @example
 * const { manifest, functions } = await bundleApp('workflows/booking/app.ts', { outDir: '.starquake/booking' });
 */
export const bundleApp = async (entry: string, options: BundleOptions): Promise<Bundle> => {
  const path = resolve(entry);
  const { minify = false, jobs = 'together' } = options;
  const [workflows, jobRetry, together] = await build(path, minify).catch((thrown: unknown) => {
    throw explainBuildFailure(thrown, entry);
  });
  const description = await readDescription(workflows.text, entry);
  const built: Built[] = [
    { kind: 'decision', part: 'decision', text: await buildDecision(workflows.text, minify), memoryMb: ENGINE_MEMORY_MB },
    { kind: 'job-retry', part: 'job-retry', text: jobRetry.text, memoryMb: ENGINE_MEMORY_MB },
    ...(jobs === 'each'
      ? await buildEach(path, minify, description)
      : [{ kind: 'job' as const, part: 'jobs', text: together.text, memoryMb: largest(description) }]),
  ];
  const deployment = options.deployment ?? hash(built.map(({ text }) => text));
  const manifest = makeManifest(description, { deployment, order: options.order ?? (await findNewest(together)), jobs });
  await mkdir(options.outDir, { recursive: true });
  const functions = await Promise.all(built.map((one) => write(one, manifest, resolve(options.outDir))));
  await replaceFile(join(options.outDir, 'manifest.json'), JSON.stringify(manifest, null, 2));
  return { manifest, functions };
};

const build = (path: string, minify: boolean): Promise<[BuiltModule, BuiltModule, BuiltModule]> =>
  Promise.all([buildWorkflows(path, minify), buildJobRetry(path, minify), buildJobs(path, minify)]);

const buildEach = (path: string, minify: boolean, { jobs }: AppDescription): Promise<Built[]> =>
  Promise.all(
    jobs.filter(isOwn).map(async ({ name, memoryMb }) => {
      const { text } = await buildJobs(path, minify, name);
      return { kind: 'job', part: `job.${name}`, text, memoryMb };
    }),
  );

const makeManifest = (
  description: AppDescription,
  { deployment, order, jobs }: { deployment: string; order: number; jobs: 'together' | 'each' },
): Manifest => {
  const name = (part: string): string => nameFunction(description.app, part, deployment);
  const parsed = manifestSchema.safeParse({
    v: PROTOCOL_VERSION,
    deployment,
    order,
    decisionFunction: name('decision'),
    jobRetryFunction: name('job-retry'),
    ...description,
    jobs: description.jobs.map((job) => ({ function: name(jobs === 'each' ? `job.${job.name}` : 'jobs'), ...job })),
  });
  if (parsed.success) return parsed.data;
  throw new StarquakeError('APP_INVALID', `The app "${description.app}" cannot be deployed: ${z.prettifyError(parsed.error)}`);
};

/** Functions of all deployments live side by side, because a run stays on the one that it started on. */
const nameFunction = (app: string, part: string, deployment: string): string => `${app}.${part}@${deployment}`;

const write = async ({ part, text, kind, memoryMb }: Built, { app, deployment }: Manifest, outDir: string): Promise<BundledFunction> => {
  const file = join(outDir, `${part}.mjs`);
  await replaceFile(file, text);
  return { name: nameFunction(app, part, deployment), kind, file, memoryMb };
};

const hash = (texts: readonly string[]): string => createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12);

/** Whether the app itself brings the job's function. */
const isOwn = (job: AppDescription['jobs'][number]): boolean => job.plain !== true;

const largest = ({ jobs }: AppDescription): number => Math.max(ENGINE_MEMORY_MB, ...jobs.map(({ memoryMb }) => memoryMb));

const findNewest = async ({ sources }: BuiltModule): Promise<number> => {
  const stats = await Promise.all(sources.map((source) => stat(source)));
  return Math.floor(Math.max(0, ...stats.map(({ mtimeMs }) => mtimeMs)));
};
