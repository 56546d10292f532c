// The app of the benchmark's live runs: steps whose answers bring a history above 32 KB soon.
import { app, job, workflow } from 'starquake';

const note = 'a line of what a service answers, long enough that a history of some of them is long; '.repeat(30);

const gatherOne = job({ name: 'gather-one', run: (number: number) => ({ number, note }) });

const gather = workflow({
  name: 'gather',
  async run({ steps }: { readonly steps: number }, flow) {
    let sum = 0;
    for (let number = 1; number <= steps; number++) sum += (await flow.run(gatherOne, number)).number;
    return sum;
  },
});

export default app({ name: 'long-histories', workflows: [gather], jobs: [gatherOne] });
