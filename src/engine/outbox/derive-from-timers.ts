// What the events about timers promise: that they fire.
import { postpone, writeInbox, type Derivers } from './derivation.ts';

export const deriveFromTimers: Derivers = {
  TimerStarted: (event, { commit, state, outbox }) => {
    if (!state.timers.has(event.number)) return;
    outbox.dues.push(postpone(writeInbox({ type: 'TimerFired', run: commit.run, epoch: commit.epoch, timer: event.number }), event.dueAt));
  },
};
