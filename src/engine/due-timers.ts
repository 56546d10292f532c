// Sorts what came due by the clock it is given: what fires, and what came early (rule 17).
import type { TimerAnswer, TimerRequest } from '../protocol/functions.ts';

/** @param request - dues, and now in milliseconds since the epoch */
export const sortDues = ({ now, dues }: TimerRequest): TimerAnswer => {
  const fire: number[] = [];
  const early: number[] = [];
  dues.forEach((due, index) => (due.dueAt <= now ? fire : early).push(index));
  return { fire, early };
};
