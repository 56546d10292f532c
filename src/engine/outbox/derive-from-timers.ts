// What the events about timers promise: that they fire.
import { postpone, writeInbox, type Derivers } from './derivation.ts';

export const deriveFromTimers: Derivers = {
  TimerStarted: (event, { commit, state, outbox }) => {
    if (!state.timers.has(event.number)) return;
    const fired = writeInbox({ type: 'TimerFired', run: commit.run, epoch: commit.epoch, timer: event.number }, commit.v);
    outbox.dues.push(postpone(fired, event.dueAt, commit.v));
  },
};
