// Asks for work, a job or a child, and waits for its output; it can be given up, and undone later on.
import { JobCanceledError } from '../../sdk/errors.ts';
import type { RunOptions, Task } from '../../sdk/flow.ts';
import type { CommandDraft } from './command-log.ts';
import type { LiveRun, Wait } from './live-run.ts';
import { makeTask } from './task.ts';

/** Work to wait for. */
export interface Work {
  readonly draft: CommandDraft;
  /** Names it in errors: the job's name, or the child's run id. */
  readonly ownName: string;
  /** Emits what gives it up. */
  readonly giveUp: (wait: Wait) => void;
}

/** Emits the command and waits. */
export const awaitWork = (
  live: LiveRun,
  { draft, ownName, giveUp }: Work,
  { compensate }: Pick<RunOptions<never>, 'compensate'>,
): Task<unknown> => {
  let wait: Wait | undefined;
  const task = makeTask<unknown>(
    (resolve, reject) => {
      const succeed = (output: unknown): void => {
        if (compensate) live.undos.push(() => compensate(output as never));
        resolve(output);
      };
      wait = live.await(draft, { ownName, resolve: succeed, reject });
    },
    (reject) => {
      if (!wait || !live.release(wait)) return;
      giveUp(wait);
      reject(new JobCanceledError(`"${ownName}" was given up.`));
    },
  );
  if (compensate) live.keepUndoable(task);
  return task;
};
