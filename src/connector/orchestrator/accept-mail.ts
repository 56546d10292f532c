// Takes a prefix of a run's mailbox and accepts it: what is recorded, what is only acked, what the owner must do first.
import type { NewEvent, RunEvent } from '../../protocol/events.ts';
import { accept } from '../../engine/accept/accept.ts';
import type { Acceptance, AcceptContext } from '../../engine/accept/acceptance.ts';
import { evolve } from '../../engine/evolve/evolve.ts';
import type { RunState } from '../../engine/run/run-state.ts';
import type { Mail } from './partition.ts';
import type { RunCopy } from './run-cache.ts';

/** What a prefix of the mailbox comes to. */
export interface Accepted {
  /** Messages that the next commit takes, in inbox order. */
  readonly taken: readonly Mail[];
  readonly events: readonly RunEvent[];
  /** A blocked run is to be tried. */
  readonly tries: boolean;
  /** What stands in front of the mailbox after `taken`, and needs the owner first. */
  readonly next: { readonly mail: Mail; readonly acceptance: Exclude<Acceptance, { kind: 'commit' | 'settled' }> } | undefined;
  /** Nothing is to be recorded, but the verdicts rest on a copy that may be old (rule 5). */
  readonly stale: boolean;
  /** Taken, but nothing is to be recorded: acked as they are. */
  readonly settled: boolean;
}

/** A timer has not fired before it was due, whatever this owner's clock says beside the one that fired it. */
const stamp = (state: RunState, event: NewEvent, now: number): RunEvent => {
  const fired = event.type === 'TimerFired' && event.requestId === undefined ? state.timers.get(event.timer) : undefined;
  return { ...event, number: state.lastNumber + 1, at: Math.max(now, state.lastAt, fired?.event.dueAt ?? 0) };
};

/**
 * Accepts mail in inbox order. The state is changed in place: drop the copy if the commit does not come to be.
 *
 * @param mails - a prefix of the mailbox, at least one
 * @param epoch - of the commit to be
 */
export const acceptMail = (copy: RunCopy, mails: readonly Mail[], context: AcceptContext, epoch: number): Accepted => {
  const { state } = copy;
  const taken: Mail[] = [];
  const events: RunEvent[] = [];
  let [tries, records, stale] = [false, false, false];
  let next: Accepted['next'];
  for (const mail of mails) {
    const acceptance = accept(state, mail.message, context);
    if (acceptance.kind === 'settled') {
      stale ||= copy.freshAt < mail.arrival;
    } else if (acceptance.kind === 'commit') {
      records = true;
      tries ||= acceptance.tries === true;
      for (const draft of acceptance.events) {
        const event = stamp(state, draft, context.now);
        evolve(state, event, epoch);
        events.push(event);
      }
    } else {
      next = { mail, acceptance };
      break;
    }
    taken.push(mail);
  }
  return { taken, events, tries, next, stale: stale && !records, settled: !records };
};
