// The workflows that the benchmarks load the engine with: many steps one after another, many at once, many signals, sleeps.
import { app, job, signal, workflow } from 'starquake';

const step = job({ name: 'step', run: (number: number) => ({ number, note: 'about as much text as a small service answers with' }) });

const countSteps = workflow({
  name: 'count-steps',
  async run({ steps }: { readonly steps: number }, flow) {
    let sum = 0;
    for (let i = 1; i <= steps; i++) sum += (await flow.run(step, i)).number;
    return sum;
  },
});

const fanOut = workflow({
  name: 'fan-out',
  async run({ jobs }: { readonly jobs: number }, flow) {
    const done = await Promise.all(Array.from({ length: jobs }, (_, i) => flow.run(step, i)));
    return done.length;
  },
});

const hit = signal<number>('hit');

const countHits = workflow({
  name: 'count-hits',
  async run({ hits }: { readonly hits: number }, flow) {
    for (let i = 0; i < hits; i++) await flow.receive(hit);
    return hits;
  },
});

const sleepOnce = workflow({
  name: 'sleep-once',
  async run({ ms }: { readonly ms: number }, flow) {
    const due = flow.now() + ms;
    await flow.sleepUntil(due);
    // The time of the event that ended the sleep, so the lateness of the timer as the run saw it.
    return flow.now() - due;
  },
});

export default app({ name: 'load', workflows: [countSteps, fanOut, countHits, sleepOnce], jobs: [step] });
