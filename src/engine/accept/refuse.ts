// Refuses a request from outside in the history, so that nothing is refused in silence.
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Parent } from '../../protocol/events.ts';
import type { RunState } from '../run/run-state.ts';
import type { Acceptance } from './acceptance.ts';

/**
 * @param code - why
 * @param reply - the parent that asked, which is answered with ChildClosed
 */
export const refuse = (state: RunState, requestId: string, code: ErrorCode, message: string, reply?: Parent): Acceptance => {
  if (state.phase === 'unknown')
    return { kind: 'refused', code: 'RUN_UNKNOWN', message: `No run "${state.run}" is known.`, ...(reply && { reply }) };
  return { kind: 'commit', events: [{ type: 'RequestRefused', requestId, code, message, ...(reply && { reply }) }] };
};
