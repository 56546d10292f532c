// What the functions of the simulated world are called: those of every deployment beside one another.

/** What a function is for. */
export type FunctionKind = 'decision' | 'job-retry' | 'jobs' | 'timer';

/** Names a function of a deployment of the one app. */
export const nameFunction = (kind: Exclude<FunctionKind, 'timer'>, deployment: string): string => `sim.${kind}@${deployment}`;

/** What a function is for, by its name. */
export const readKind = (name: string): FunctionKind => {
  if (name.startsWith('sim.decision@')) return 'decision';
  if (name.startsWith('sim.jobs@')) return 'jobs';
  return name.startsWith('sim.job-retry@') ? 'job-retry' : 'timer';
};
