// An app whose values are secret and large: given to runs, made by jobs, asked for by workflow code, sent by signals.
import { app, job, NotRetryableError, signal, workflow } from 'starquake';

const told = signal<string>('told');

/** Over 64 KiB, so that the function itself puts it. */
const enlarge = job({ name: 'enlarge', run: (secret: string) => `${secret} `.repeat(10_000) });
const measure = job({ name: 'measure', run: (text: string) => text.length });
const fail = job({
  name: 'fail',
  run: (secret: string): string => {
    throw new NotRetryableError(`It cannot be done for ${secret}.`);
  },
});

const keep = workflow({
  name: 'keep',
  async run(secret: string, flow) {
    const large = await flow.run(enlarge, secret);
    const length = await flow.run(measure, `${large}${large}`);
    flow.status(`waiting for ${secret}`);
    const answer = await flow.receive(told);
    await flow.sleep('3s');
    const failure = await flow.run(fail, answer).catch((error: unknown) => String(error));
    return { secret, length, answer, failure, large };
  },
});

/** Large values in both directions. */
const ponder = workflow({
  name: 'ponder',
  async run(text: string, flow) {
    const length = await flow.run(measure, text);
    return { length, text };
  },
});

/** A child of the same tenant, and one of another. */
const entrust = workflow({
  name: 'entrust',
  async run(secret: string, flow) {
    const large = await flow.run(enlarge, secret);
    const own = await flow.run(ponder, large);
    const other = await flow.run(ponder, large, { runId: 'zeta~entrusted' });
    return [own.length, own.text.length, other.length, other.text.length];
  },
});

export default app({ name: 'keeper', workflows: [keep, ponder, entrust], jobs: [enlarge, measure, fail] });
