// What a history may have once only: the end of a job, timer or child in each generation, a request, a beginning.
import type { RunEvent } from '../../../src/protocol/events.ts';
import type { RunRecord } from './run-record.ts';

/** Names what an event counts for; undefined if it may come often. */
const nameOnce = (event: RunEvent): string | undefined => {
  switch (event.type) {
    case 'JobSucceeded':
    case 'JobCanceled':
      return `the end of job ${event.job}`;
    case 'JobFailed':
    case 'JobHeld':
      return `${event.type} of job ${event.job}, generation ${event.generation}`;
    case 'JobRetried':
      return `generation ${event.generation} of job ${event.job}`;
    case 'TimerFired':
    case 'TimerCanceled':
      return `the end of timer ${event.timer}`;
    case 'ChildClosed':
      return `the end of child ${event.child}, generation ${event.generation}`;
    case 'ChildRetried':
      return `generation ${event.generation} of child ${event.child}`;
    case 'RunStarted':
    case 'RunArchived':
      return event.type;
    default:
      return 'requestId' in event && event.requestId !== undefined ? `request ${event.requestId}` : undefined;
  }
};

/** Events that count for what another one counted for already; what a retry withdrew counts for nothing. */
export const findRepeats = ({ events }: RunRecord): readonly string[] => {
  const withdrawn = new Set(events.flatMap((event) => (event.type === 'RunRetried' ? event.withdrawn : [])));
  const seen = new Map<string, number>();
  const repeats: string[] = [];
  for (const event of events) {
    const once = nameOnce(event);
    if (once === undefined || withdrawn.has(event.number)) continue;
    // Code may give up what has ended, if it was not told of that yet.
    const name = 'command' in event && event.command !== undefined ? `giving up ${once}` : once;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, event.number);
    else repeats.push(`${name} is event ${first} and event ${event.number}`);
  }
  return repeats;
};
