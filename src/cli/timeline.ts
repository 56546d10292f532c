// Tells a run's story while it happens, line by line: its commits, and the attempts that failed in between.
import type { OutgoingMessage } from '../ports/bus.ts';
import type { Commit } from '../protocol/commit.ts';
import { attemptFailedSchema, attemptSchema, dueSchema } from '../protocol/messages.ts';
import { topics } from '../protocol/topics.ts';
import { describeEvent, type EventNames } from './describe-event.ts';
import { formatSpan } from './terminal/format.ts';

/** What a story is told from. */
export interface Timeline {
  /** A commit of the run, each once and in order. */
  tellCommit(commit: Commit): void;
  /** Any message; those about attempts of the run are told. */
  tellMessage(message: OutgoingMessage): void;
}

/**
 * The timeline of one run.
 *
 * @param run - its run id
 * @param say - takes each line
 */
export const createTimeline = (run: string, say: (line: string) => void): Timeline => {
  const names: EventNames = new Map();
  let startedAt: number | undefined;

  const tell = (at: number, text: string): void => {
    startedAt ??= at;
    say(`${formatSpan(Math.max(0, at - startedAt)).padStart(8)}  ${text}`);
  };

  const tellFailure = (body: string): void => {
    const { attempt, failure, failedAt } = attemptFailedSchema.parse(JSON.parse(body));
    if (attempt.run === run) tell(failedAt, `${attempt.name} attempt ${attempt.number} failed: ${failure.message}`);
  };

  const tellRetry = (body: string): void => {
    const { message, dueAt } = dueSchema.parse(JSON.parse(body));
    const attempt = attemptSchema.safeParse(JSON.parse(message)).data;
    const now = Date.now();
    if (attempt?.run === run && attempt.number > 1)
      tell(now, `${attempt.name} attempt ${attempt.number} follows in ${formatSpan(Math.max(0, dueAt - now))}`);
  };

  return {
    tellCommit({ events }) {
      for (const event of events) {
        const text = describeEvent(event, names);
        if (text !== undefined) tell(event.at, text);
      }
    },
    tellMessage({ topic, body }) {
      if (topic === topics.retries.name) tellFailure(body);
      else if (topic === topics.timers.name) tellRetry(body);
    },
  };
};
