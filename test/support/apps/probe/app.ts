// An app whose workflows and jobs do what the end-to-end tests want to see, the bad things among them.
import { app, job, NotRetryableError, schedule, signal, workflow } from 'starquake';
import { z } from 'zod';

const approved = signal<{ by: string }>('approved');

const approve = workflow({
  name: 'approve',
  async run(_: unknown, flow) {
    flow.status('waiting for approval');
    const { by } = await flow.receive(approved);
    return { by };
  },
});

const refuse = job({
  name: 'refuse',
  run: (): string => {
    throw new NotRetryableError('refused');
  },
});
const hold = job({
  name: 'hold',
  retry: { maxAttempts: 1, exhausted: 'hold' },
  run: (): string => {
    throw new Error('not today');
  },
});
const fail = workflow({ name: 'fail', run: (_: unknown, flow) => flow.run(refuse, undefined) });
const wait = workflow({ name: 'wait', run: (_: unknown, flow) => flow.run(hold, undefined) });

const note = job({ name: 'note', run: (text: string) => text });
const sleepLong = workflow({
  name: 'sleep-long',
  async run(_: unknown, flow) {
    await flow.run(note, 'paid', { compensate: () => flow.run(note, 'refunded') });
    await flow.sleep('3 days');
    return 'rested';
  },
});

const later = job({ name: 'later', run: (_: unknown, attempt) => attempt.completeLater() });
const sign = workflow({ name: 'sign', run: (_: unknown, flow) => flow.run(later, undefined) });

const strict = workflow({
  name: 'strict',
  input: z.object({ nights: z.number() }),
  run: ({ nights }: { nights: number }) => Promise.resolve(nights),
});
const throwString = job({
  name: 'throw-string',
  retry: { maxAttempts: 1 },
  run: (): string => {
    const thrown: unknown = 'just a string';
    throw thrown;
  },
});
const throwing = workflow({ name: 'throwing', run: (_: unknown, flow) => flow.run(throwString, undefined) });
const bigint = job({ name: 'bigint', retry: { maxAttempts: 1 }, run: (): unknown => 10n });
const unwritable = workflow({ name: 'unwritable', run: (_: unknown, flow) => flow.run(bigint, undefined) });
const loop = workflow({
  name: 'loop',
  run: () => {
    for (;;);
  },
});

const hello = workflow({ name: 'hello', run: (name: string) => Promise.resolve(`hello ${name}`) });

export default app({
  name: 'probe',
  workflows: [approve, fail, wait, sleepLong, sign, strict, throwing, unwritable, loop, hello],
  jobs: [refuse, hold, note, later, throwString, bigint],
  schedules: [schedule({ name: 'yearly', cron: '0 0 1 1 *', zone: 'Europe/Paris', workflow: hello, input: 'world' })],
});
