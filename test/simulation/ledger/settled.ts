// Whether a message may be acked without a commit: only if its verdict can never change (rule 5).
import { identifyMessage } from '../../../src/protocol/message-ids.ts';
import type { InboxMessage } from '../../../src/protocol/messages.ts';
import { isClosedForGood } from '../../../src/engine/run/run-state.ts';
import type { RunRecord } from './run-record.ts';

const explainRequest = (
  message: InboxMessage & { readonly requestId: string },
  record: RunRecord | undefined,
  refused: ReadonlySet<string>,
): string | undefined => {
  const known = record?.events.some((event) => 'requestId' in event && event.requestId === message.requestId);
  if (known === true || refused.has(`${message.run}|${message.requestId}`)) return undefined;
  const started = record?.events.find((event) => event.type === 'RunStarted');
  if (message.type === 'StartRun' && started?.inputHash === message.inputHash && started.workflow === message.workflow) return undefined;
  return 'its request is answered by no event';
};

const explainResult = (message: InboxMessage, { state }: RunRecord): string | undefined => {
  switch (message.type) {
    case 'JobSucceeded':
      return state.jobs.has(message.job) ? 'its job has not ended, or may be retried' : undefined;
    case 'JobFailed':
    case 'JobHeld':
    case 'JobCanceled': {
      const job = state.jobs.get(message.job);
      const isOver =
        !job || job.status === 'failed' || job.generation > message.generation || (message.type === 'JobHeld' && job.status === 'held');
      return isOver ? undefined : 'its job is open in this generation';
    }
    case 'TimerFired':
      return state.timers.has(message.timer) ? 'its timer is open' : undefined;
    case 'ChildClosed': {
      const child = state.children.get(message.child);
      return child && child.status === 'open' && child.generation <= message.generation
        ? 'its child is open in this generation'
        : undefined;
    }
    case 'Wake':
      return state.phase === 'unknown' ? undefined : 'a Wake is committed, unless the run is closed for good';
    case 'Archive':
      return state.phase === 'archived' ? undefined : 'the run is not archived';
    default:
      return `${identifyMessage(message)} is no result`;
  }
};

/** Why a message may not be acked without a commit; undefined if it may. */
export const explainSettled = (message: InboxMessage, record: RunRecord | undefined, refused: ReadonlySet<string>): string | undefined => {
  if ('requestId' in message) return explainRequest(message, record, refused);
  if (!record || (isClosedForGood(record.state) && message.type !== 'Archive')) return undefined;
  return explainResult(message, record);
};
