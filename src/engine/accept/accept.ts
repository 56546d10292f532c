// Turns a message into the events it becomes, or says why it becomes none: one function per kind of message.
import { identifyMessage } from '../../protocol/message-ids.ts';
import type { InboxMessage, InboxMessageType } from '../../protocol/messages.ts';
import { isClosedForGood, type RunState } from '../run/run-state.ts';
import { acceptAdministration } from './accept-administration.ts';
import { acceptLifecycle } from './accept-lifecycle.ts';
import { acceptResults } from './accept-results.ts';
import { acceptStart } from './accept-start.ts';
import { settled, type Acceptance, type AcceptContext, type Acceptors } from './acceptance.ts';

const acceptors: Acceptors<InboxMessageType> = { ...acceptStart, ...acceptResults, ...acceptAdministration, ...acceptLifecycle };

/** The request id of a message from outside, if it is one. */
export const readRequestId = (message: InboxMessage): string | undefined => ('requestId' in message ? message.requestId : undefined);

/**
 * Accepts a message: pure; the caller numbers the events and folds them in.
 *
 * @param state - the run as it stands, accepted events of this commit included
 * @param message - a message addressed to the run
 */
export const accept = (state: RunState, message: InboxMessage, context: AcceptContext): Acceptance => {
  const requestId = readRequestId(message);
  if (requestId !== undefined && state.requests.has(requestId)) return settled;
  if (state.wakes.has(identifyMessage(message))) return settled;
  if (state.phase === 'archived' && message.type !== 'Archive' && message.type !== 'StartRun') return refuseArchived(state, message);
  if (isClosedForGood(state) && requestId === undefined && message.type !== 'Archive') return settled;
  const acceptor: (state: RunState, message: never, context: AcceptContext) => Acceptance = acceptors[message.type];
  return acceptor(state, message as never, context);
};

const refuseArchived = (state: RunState, message: InboxMessage): Acceptance => {
  if (readRequestId(message) === undefined) return settled;
  const reply = message.type === 'RetryRun' ? message.parent : undefined;
  return { kind: 'refused', code: 'RUN_CLOSED', message: `The run "${state.run}" has ended and is archived.`, ...(reply && { reply }) };
};
