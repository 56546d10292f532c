// Tells a run's story while it happens, line by line, from the messages that travel.
import type { OutgoingMessage } from '../ports/bus.ts';
import { attemptFailedSchema, attemptSchema, dueSchema } from '../protocol/messages.ts';
import { topics } from '../protocol/topics.ts';
import { parseHistoryMessage } from '../query/history-message.ts';
import { describeEvent, type EventNames } from './describe-event.ts';
import { formatSpan } from './format.ts';

/** Told of every message; tells those of its run. */
export type Timeline = (message: OutgoingMessage) => void;

/**
 * The timeline of one run.
 *
 * @param run - its run id
 * @param say - takes each line
 */
export const createTimeline = (run: string, say: (line: string) => void): Timeline => {
  const names: EventNames = new Map();
  let startedAt: number | undefined;
  let version = 0;

  const tell = (at: number, text: string): void => {
    startedAt ??= at;
    say(`${formatSpan(Math.max(0, at - startedAt)).padStart(8)}  ${text}`);
  };

  const tellCommit = (body: string): void => {
    const message = parseHistoryMessage(body);
    // A commit that is published again was told before.
    if (message.type !== 'starquake.commit' || message.data.run !== run || message.data.version <= version) return;
    version = message.data.version;
    for (const event of message.data.events) {
      const text = describeEvent(event, names);
      if (text !== undefined) tell(event.at, text);
    }
  };

  const tellFailure = (body: string): void => {
    const { attempt, failure, failedAt } = attemptFailedSchema.parse(JSON.parse(body));
    if (attempt.run === run) tell(failedAt, `${attempt.name} attempt ${attempt.number} failed: ${failure.message}`);
  };

  const tellRetry = (body: string): void => {
    const { message, dueAt } = dueSchema.parse(JSON.parse(body));
    const attempt = attemptSchema.safeParse(JSON.parse(message)).data;
    if (attempt?.run === run && attempt.number > 1) tell(Date.now(), `${attempt.name} attempt ${attempt.number} follows in ${formatSpan(Math.max(0, dueAt - Date.now()))}`);
  };

  return ({ topic, key, body }) => {
    if (topic === topics.history.name && key === run) tellCommit(body);
    else if (topic === topics.retries.name) tellFailure(body);
    else if (topic === topics.timers.name) tellRetry(body);
  };
};
