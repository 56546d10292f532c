// Loads an app for tests: its workflows built for a realm, its jobs and retry policies as they are, its manifest.
import { fileURLToPath } from 'node:url';
import { buildWorkflows } from '../../../src/bundle/build-decision.ts';
import { describeApp } from '../../../src/bundle/describe-app.ts';
import type { Handler } from '../../../src/adapters/in-process-functions/in-process-functions.ts';
import { manifestSchema, type Manifest } from '../../../src/protocol/manifest.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import type { DecisionRequest, JobRequest, JobRetryRequest } from '../../../src/protocol/functions.ts';
import type { App } from '../../../src/sdk/app.ts';
import { createDecisionHandler } from '../../../lambdas/decision.ts';
import { createJobHandler } from '../../../lambdas/job.ts';
import { createJobRetryHandler } from '../../../lambdas/job-retry.ts';

/** An app whose workflows are built. */
export interface TestApp {
  readonly app: App;
  /** The workflow bundle. */
  readonly source: string;
}

const built = new Map<string, Promise<string>>();

/**
 * Builds an app's workflows, once a process.
 *
 * @param entry - its file, which exports `app` as default
 */
export const loadTestApp = async (app: App, entry: URL): Promise<TestApp> => {
  const file = fileURLToPath(entry);
  const building = built.get(file) ?? buildWorkflows(file, false).then(({ text }) => text);
  built.set(file, building);
  return { app, source: await building };
};

/** Names a deployment and orders it. */
export interface DeploymentName {
  readonly deployment: string;
  readonly order: number;
}

/** The manifest of a deployment of an app. */
export const makeManifest = ({ app }: TestApp, { deployment, order }: DeploymentName): Manifest => {
  const description = describeApp(app);
  return manifestSchema.parse({
    v: PROTOCOL_VERSION,
    deployment,
    order,
    decisionFunction: `${app.name}.decision@${deployment}`,
    jobRetryFunction: `${app.name}.job-retry@${deployment}`,
    ...description,
    jobs: description.jobs.map((job) => ({ ...job, function: `${app.name}.jobs@${deployment}` })),
  });
};

/** The handlers of a deployment, by the names in its manifest; `runJob` may answer in place of a job's own code. */
export const makeHandlers = (
  { app, source }: TestApp,
  manifest: Manifest,
  runJob: (request: JobRequest, byItself: () => Promise<unknown>) => unknown,
): Record<string, Handler> => {
  const [decide, judge, work] = [createDecisionHandler(source), createJobRetryHandler(app), createJobHandler(app)];
  const [job] = manifest.jobs;
  return {
    [manifest.decisionFunction]: (request) => decide(request as DecisionRequest),
    [manifest.jobRetryFunction]: (request) => judge(request as JobRetryRequest),
    ...(job && { [job.function]: (request: unknown) => runJob(request as JobRequest, () => work(request as JobRequest)) }),
  };
};
