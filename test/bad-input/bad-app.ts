// Workflows and jobs that do what they should not, and one that does all right.
import { app, job, signal, workflow } from 'starquake';
import { z } from 'zod';

const once = { maxAttempts: 1 } as const;

const echo = job({ name: 'echo', run: (value: unknown) => value });
const hello = workflow({ name: 'hello', run: async (name: string, flow) => `hello ${String(await flow.run(echo, name))}` });

const strictInput = workflow({
  name: 'strict-input',
  input: z.object({ nights: z.int().positive() }),
  run: async ({ nights }) => nights,
});
const strictOutput = workflow({ name: 'strict-output', output: z.number(), run: async (value: number) => value });
const strictJob = job({ name: 'strict-job', input: z.number(), output: z.string(), run: (value: number) => String(value) });
const misfitJob = job({ name: 'misfit-job', output: z.string(), run: (value: unknown): string => Object(value) as string });
const throwingString = job({
  name: 'throwing-string',
  retry: once,
  run: (): never => {
    const thrown: unknown = 'just a string';
    throw thrown;
  },
});
const answeringMap = job({ name: 'answering-map', run: () => ({ seats: new Map([['1A', 'ada']]) }) });
const answeringBigint = job({ name: 'answering-bigint', run: (): unknown => 10n });
const growing = job({ name: 'growing', run: (length: number) => 'x'.repeat(length) });
const unlisted = job({ name: 'unlisted', run: () => 'never' });

const jobs = { echo, strictJob, misfitJob, throwingString, answeringMap, answeringBigint, growing, unlisted };

/** Runs the job of that name. */
const running = workflow({
  name: 'running',
  run: ({ name, input }: { readonly name: keyof typeof jobs; readonly input?: unknown }, flow) => flow.run(jobs[name], input as never),
});

/** Runs a job that is not listed, and says what it met. */
const catching = workflow({
  name: 'catching',
  async run(_: unknown, flow) {
    try {
      return await flow.run(unlisted, undefined);
    } catch (error) {
      return (error as { readonly code: unknown }).code;
    }
  },
});

/** Answers with something of that kind. */
const answering = workflow({
  name: 'answering',
  run: async (kind: 'map' | 'function' | 'bigint' | 'circle' | number): Promise<unknown> => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    if (typeof kind === 'number') return 'é'.repeat(kind);
    return { map: { of: new Map() }, function: { of: () => 1 }, bigint: 1n, circle }[kind];
  },
});

const looping = workflow({
  name: 'looping',
  run: async () => {
    for (;;);
  },
});

const value = signal<{ readonly text: string }>('value');

/** Carries a large value through a job and a signal to its output; says how large each was. */
const carrying = workflow({
  name: 'carrying',
  async run(input: string, flow) {
    const echoed = await flow.run(echo, `${input}1`);
    const received = await flow.receive(value);
    return { lengths: [input.length, String(echoed).length, received.text.length], all: [input, echoed, received.text] };
  },
});

const { unlisted: _, ...listed } = jobs;

export default app({
  name: 'bad',
  workflows: [hello, strictInput, strictOutput, running, catching, answering, looping, carrying],
  jobs: Object.values(listed),
});
