// What the functions of the simulated world are called.

/** Names of the functions of the one app. */
export const functionNames = {
  decision: 'sim.decision@1',
  jobRetry: 'sim.job-retry@1',
  jobs: 'sim.jobs@1',
  timer: 'starquake.timer',
} as const;
