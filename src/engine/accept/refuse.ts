// Refuses a request from outside in the history, so that nothing is refused in silence.
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Parent } from '../../protocol/events.ts';
import type { RunState } from '../run/run-state.ts';
import type { Acceptance } from './acceptance.ts';

/**
 * Refuses a request. That goes into the history of a run that is not there yet too: the run may come, so this verdict could
 * change, and an ack without a commit would leave it to a zombie to commit on the same request later (rule 5).
 *
 * @param code - why
 * @param reply - the parent that asked, which is answered with ChildClosed
 */
export const refuse = (state: RunState, requestId: string, code: ErrorCode, message: string, reply?: Parent): Acceptance => {
  const why: { readonly code: ErrorCode; readonly message: string } =
    state.phase === 'unknown' ? { code: 'RUN_UNKNOWN', message: `No run "${state.run}" is known.` } : { code, message };
  return { kind: 'commit', events: [{ type: 'RequestRefused', requestId, ...why, ...(reply && { reply }) }] };
};
