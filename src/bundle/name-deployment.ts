// Gives a bundle the name and the order of a deployment, once its content is known.
import type { Manifest } from '../protocol/manifest.ts';
import type { Bundle } from './bundle-app.ts';

/**
 * Names the deployment of a bundle, and with it the app's own functions; functions of others keep their names.
 *
 * @param name - of the deployment; `order` is higher for a newer one (rule 11)
 * @example
 * nameDeployment(bundle, { deployment: '12', order: 12 }).manifest.decisionFunction; // 'booking.decision@12'
 */
export const nameDeployment = ({ manifest, functions }: Bundle, name: Pick<Manifest, 'deployment' | 'order'>): Bundle => {
  const rename = (fn: string): string => `${fn.slice(0, fn.length - manifest.deployment.length)}${name.deployment}`;
  return {
    manifest: {
      ...manifest,
      ...name,
      decisionFunction: rename(manifest.decisionFunction),
      jobRetryFunction: rename(manifest.jobRetryFunction),
      jobs: manifest.jobs.map((job) => (job.plain === true ? job : { ...job, function: rename(job.function) })),
    },
    functions: functions.map((fn) => ({ ...fn, name: rename(fn.name) })),
  };
};
