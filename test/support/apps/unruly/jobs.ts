// Jobs that fail in every way that a function can, on their first attempts or always.
import { job, type AttemptContext, type Duration } from 'starquake';

/** What a job is asked. */
export interface Order {
  readonly order: string;
  /** Attempts that go wrong before one does not. */
  readonly wrongAttempts: number;
}

const retry = { maxAttempts: 3, firstDelay: '200ms' } as const;
const MEBIBYTE = 2 ** 20;

const goWrong = (name: string, wrong: () => unknown, timeout: Duration = '2s') =>
  job({
    name,
    timeout,
    retry,
    run: async ({ order, wrongAttempts }: Order, { number }: AttemptContext): Promise<unknown> =>
      number <= wrongAttempts ? wrong() : `${name} ${order}`,
  });

/** Waits, and would answer in ten minutes. */
export const hang = goWrong('hang', () => new Promise((resolve) => setTimeout(resolve, 600_000)));
/** Computes without end, so that not even its own timeout can end it. */
export const spin = goWrong('spin', () => {
  for (;;);
});
export const crash = goWrong('crash', () => process.exit(3));
export const takeMemory = goWrong(
  'take-memory',
  () => {
    let kept = [0.5];
    for (;;) kept = kept.concat(kept);
  },
  '20s',
);
export const rejectAside = goWrong('reject-aside', () => {
  void Promise.reject(new Error('nobody waits for this'));
  return new Promise((resolve) => setTimeout(resolve, 600_000));
});
export const answerNoJson = goWrong('answer-no-json', () => 1n);
export const answerTooMuch = goWrong('answer-too-much', () => 'x'.repeat(33 * MEBIBYTE));

/** What is large and legal; its copies need their room. */
export const answerMuch = job({
  name: 'answer-much',
  memoryMb: 1024,
  run: ({ characters }: { readonly characters: number }) => 'x'.repeat(characters),
});

const timeout = '4s';
/** Somebody's own function, which fails in the way that it is asked to. */
export const foreign = job<string, unknown>({ name: 'foreign', function: 'misbehave', timeout, retry });
/** The same, but an administrator is waited for. */
export const held = job<string, unknown>({
  name: 'held',
  function: 'misbehave',
  timeout,
  retry: { maxAttempts: 2, firstDelay: '100ms', exhausted: 'hold' },
});

export const pay = job({ name: 'pay', run: ({ order }: { readonly order: string }) => `paid ${order}` });
export const book = job({ name: 'book', run: ({ order }: { readonly order: string }) => `booked ${order}` });

export const jobs = [hang, spin, crash, takeMemory, rejectAside, answerNoJson, answerTooMuch, answerMuch, foreign, held, pay, book];
