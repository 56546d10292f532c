// What both deployments of the app have: a workflow that waits for somebody's word, with another job each.
import { signal, workflow, type Job } from 'starquake';

const word = signal<string>('word');

/** A workflow that hands what it was told to a job. */
export const greetBy = (say: Job<string, string>) =>
  workflow({
    name: 'greet',
    async run(_: unknown, flow) {
      flow.status('waiting for a word');
      return flow.run(say, await flow.receive(word));
    },
  });
