// The timer function: what came due in, what to publish now out.
import { sortDues } from '../src/engine/due-timers.ts';
import type { TimerAnswer, TimerRequest } from '../src/protocol/functions.ts';
import { checkVersion } from './check-version.ts';
import { tellCode } from './tell-code.ts';

/** @throws UPGRADE_ME for a request of a newer release */
export const handler = tellCode(async (request: TimerRequest): Promise<TimerAnswer> => {
  checkVersion(request);
  return sortDues(request);
});
