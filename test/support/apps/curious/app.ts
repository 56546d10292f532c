// An app whose job looks at what its process was given; it fails once before, so that every kind of function is asked.
import { app, job, workflow } from 'starquake';

const look = job({
  name: 'look',
  retry: { maxAttempts: 2, firstDelay: '10ms' },
  run: (_: unknown, attempt) => {
    if (attempt.number === 1) throw new Error('not at the first try');
    return Object.keys(process.env);
  },
});

const lookAround = workflow({
  name: 'look-around',
  async run(_: unknown, flow) {
    await flow.sleep('10ms');
    return flow.run(look, undefined);
  },
});

export default app({ name: 'curious', workflows: [lookAround], jobs: [look] });
