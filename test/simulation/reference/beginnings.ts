// Splits the history of a run into its beginnings, each as its code was told of it.
import type { Commit } from '../../../src/protocol/commit.ts';
import type { EventOf, RunEvent } from '../../../src/protocol/events.ts';

/** One beginning of a run: what its code was told, what it asked for, and how it went on, if it did. */
export interface Beginning {
  readonly events: readonly RunEvent[];
  readonly continued: EventOf<'RunContinued'> | undefined;
}

/** What continueAs closes in its own commit was not told to the code. */
const isClosing = (event: RunEvent): boolean =>
  (event.type === 'JobCanceled' && event.command === undefined && event.reason === 'the run began anew') ||
  (event.type === 'TimerCanceled' && event.command === undefined) ||
  (event.type === 'ChildClosed' && event.command === undefined && event.outcome === 'canceled' && event.failure === undefined);

/** Splits a history at every continueAs. */
export const splitBeginnings = (commits: readonly Commit[]): readonly Beginning[] => {
  const beginnings: Beginning[] = [];
  let events: RunEvent[] = [];
  for (const event of commits.flatMap((commit) => commit.events)) {
    if (event.type === 'SignalsExpired') events = [];
    else if (event.type === 'RunContinued') {
      const last = events.findLastIndex((before) => !isClosing(before));
      beginnings.push({ events: events.slice(0, last + 1), continued: event });
      events = [event];
    } else events.push(event);
  }
  return [...beginnings, { events, continued: undefined }];
};
