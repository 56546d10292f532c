// The one deployment of the simulated app: its decision bundle built once, its manifest, its functions.
import { buildWorkflows } from '../../../src/bundle/build-decision.ts';
import { describeApp } from '../../../src/bundle/describe-app.ts';
import type { Manifest } from '../../../src/protocol/manifest.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { createDecisionHandler } from '../../../lambdas/decision.ts';
import { createJobRetryHandler } from '../../../lambdas/job-retry.ts';
import { handler as timer } from '../../../lambdas/timer.ts';
import { fileURLToPath } from 'node:url';
import { createReplay, type Replay } from '../checks/replay.ts';
import simulatedApp from '../programs/app.ts';
import { nameFunction } from '../world/function-names.ts';
import type { FunctionsOptions } from '../world/sim-functions.ts';

/** What a deployment of the app offers. @param order - numbers the deployment, from 1 */
export const describeManifest = (order: number): Manifest => {
  const description = describeApp(simulatedApp);
  const deployment = String(order);
  return {
    v: PROTOCOL_VERSION,
    deployment,
    order,
    decisionFunction: nameFunction('decision', deployment),
    jobRetryFunction: nameFunction('job-retry', deployment),
    ...description,
    workflows: [...description.workflows],
    jobs: description.jobs.map((job) => ({ ...job, function: nameFunction('jobs', deployment) })),
    schedules: [],
  };
};

/** The app as it is deployed. */
export interface Deployment {
  readonly functions: Omit<FunctionsOptions, 'instances'>;
  readonly replay: Replay;
}

/** Builds the deployment, with the very handlers that are deployed. */
export const buildDeployment = async (): Promise<Deployment> => {
  const { text } = await buildWorkflows(fileURLToPath(new URL('../programs/app.ts', import.meta.url)), true);
  const makeDecision: FunctionsOptions['makeDecision'] = () => {
    const decide = createDecisionHandler(text);
    // Programs always come to rest: no watchdog is needed, which is a thread for every call.
    return (request) => decide(request, { guarded: true });
  };
  return { functions: { makeDecision, jobRetry: createJobRetryHandler(simulatedApp), timer }, replay: createReplay(text) };
};
