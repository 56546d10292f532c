// An app of large things: what a workflow asks for at once, what a job throws, what waits for a run.
import { app, job, signal, workflow } from 'starquake';

const page = signal<string>('page');

const measure = job({ name: 'measure', run: (text: string) => text.length });

const explode = job({
  name: 'explode',
  retry: { maxAttempts: 1 },
  run: (length: number): never => {
    throw Object.assign(new Error('m'.repeat(length)), { data: 'd'.repeat(length) });
  },
});

/** Asks for many jobs at once, each with as much text as still travels inline. */
const fanOut = workflow({
  name: 'fan-out',
  async run({ jobs, text, times }: { readonly jobs: number; readonly text: string; readonly times: number }, flow) {
    const lengths = await Promise.all(Array.from({ length: jobs }, () => flow.run(measure, text.repeat(times))));
    return lengths.reduce((sum, length) => sum + length, 0);
  },
});

const exploding = workflow({ name: 'exploding', run: (length: number, flow) => flow.run(explode, length) });

/** Waits for so many pages, and says how much they hold. */
const collect = workflow({
  name: 'collect',
  async run(pages: number, flow) {
    let characters = 0;
    for (let read = 0; read < pages; read++) characters += (await flow.receive(page)).length;
    return characters;
  },
});

export default app({ name: 'bulky', workflows: [fanOut, exploding, collect], jobs: [measure, explode] });
