// An app whose inputs have schemas of all kinds: those that write themselves as JSON Schema, and those that do not.
import { app, job, signal, workflow } from 'starquake';
import { z } from 'zod';
import * as mini from 'zod/mini';

const order = z.object({ id: z.string().min(1), amount: z.number().positive().default(1) });

const sell = workflow({ name: 'sell', input: order, run: async ({ id }) => id });
const bare = workflow({ name: 'bare', run: async () => undefined });
const silent = workflow({ name: 'of-a-library-that-writes-none', input: mini.object({ id: mini.string() }), run: async ({ id }) => id });
const beyond = workflow({ name: 'beyond-json-schema', input: z.object({ at: z.date() }), run: async ({ at }) => at.getTime() });

const parse = job({ name: 'parse', input: z.string().transform(Number), run: (amount) => amount });
const bareJob = job({ name: 'bare-job', run: () => undefined });

export default app({
  name: 'schemas',
  workflows: [sell, bare, silent, beyond],
  jobs: [parse, bareJob],
  signals: [signal('corrected', order), signal('hurry')],
});
