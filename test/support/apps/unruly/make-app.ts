// Workflows over unruly jobs, and workflows whose own code misbehaves until another deployment repairs it.
import { app, workflow } from 'starquake';
import * as unruly from './jobs.ts';

const ways = {
  hang: unruly.hang,
  spin: unruly.spin,
  crash: unruly.crash,
  'take-memory': unruly.takeMemory,
  'reject-aside': unruly.rejectAside,
  'answer-no-json': unruly.answerNoJson,
  'answer-too-much': unruly.answerTooMuch,
} as const;

const bookTrip = workflow({
  name: 'book-trip',
  run: async (input: { readonly order: string }, flow) => [await flow.run(unruly.pay, input), await flow.run(unruly.book, input)],
});

/** One job that goes wrong, and one that does not after it. */
const suffer = workflow({
  name: 'suffer',
  run: async ({ way, ...input }: unruly.Order & { readonly way: keyof typeof ways }, flow) => {
    const said = await flow.run(ways[way], input);
    return [said, await flow.run(unruly.pay, input)];
  },
});

/** Somebody's own function goes wrong, each time. */
const sufferForeign = workflow({
  name: 'suffer-foreign',
  run: ({ way, holds }: { readonly way: string; readonly holds: boolean }, flow) => flow.run(holds ? unruly.held : unruly.foreign, way),
});

/** A large value travels through: out of a job, and on as the workflow's own output. */
const carryMuch = workflow({
  name: 'carry-much',
  run: ({ characters }: { readonly characters: number }, flow) => flow.run(unruly.answerMuch, { characters }),
});

/** What workflow code does wrong. */
export type Mistake = () => void;

/**
 * Makes a deployment of the app.
 *
 * @param mistakes - what the code of workflows does after its first job
 */
export const makeUnruly = (mistakes: { readonly compute: Mistake; readonly takeMemory: Mistake }) => {
  const mistaken = (name: string, mistake: Mistake) =>
    workflow({
      name,
      run: async (input: { readonly order: string }, flow) => {
        const paid = await flow.run(unruly.pay, input);
        mistake();
        return [paid, await flow.run(unruly.book, input)];
      },
    });
  const workflows = [
    bookTrip,
    suffer,
    sufferForeign,
    carryMuch,
    mistaken('compute', mistakes.compute),
    mistaken('fill-memory', mistakes.takeMemory),
  ];
  return app({ name: 'unruly', workflows, jobs: unruly.jobs });
};
