// Jobs of the desk: each fails, waits or is bounded in its own way when a test has it do so.
import { job, type AttemptContext } from 'starquake';

/** What `work` answers. */
export interface Done {
  readonly did: unknown;
  readonly key: string;
}

const echo = (input: unknown, attempt: AttemptContext): Done => ({ did: input ?? null, key: attempt.idempotencyKey });

export const work = job({ name: 'work', run: echo });
export const undoWork = job({ name: 'undo-work', run: echo });
export const workOnce = job({ name: 'work-once', retry: { maxAttempts: 1 }, timeout: '10s', run: echo });
export const flaky = job({
  name: 'flaky',
  retry: { maxAttempts: 3, firstDelay: '1s', factor: 2, maxDelay: '1m' },
  timeout: '10s',
  run: echo,
});
export const patient = job({ name: 'patient', retry: { maxAttempts: 2, firstDelay: '1s', exhausted: 'hold' }, timeout: '10s', run: echo });
export const judged = job({
  name: 'judged',
  retry: (error, attempt) => (error.message === 'give up' || attempt > 3 ? 'stop' : '5s'),
  run: echo,
});
export const hurried = job({ name: 'hurried', retry: { maxAttempts: 100, firstDelay: '8s', factor: 1 }, totalTimeout: '20s', run: echo });
export const narrow = job({ name: 'narrow', maxConcurrency: 2, run: echo });

/** All of them, by name. */
export const deskJobs = { work, 'undo-work': undoWork, 'work-once': workOnce, flaky, patient, judged, hurried, narrow } as const;
