// How the events about timers change the state of a run.
import { rememberRequest } from './evolve-run.ts';
import type { Evolvers } from './evolver.ts';

export const evolveTimers: Evolvers<'TimerStarted' | 'TimerFired' | 'TimerCanceled'> = {
  TimerStarted: (state, event, epoch) => {
    state.timers.set(event.number, { event, epoch });
  },
  TimerFired: (state, event) => {
    state.timers.delete(event.timer);
    rememberRequest(state, event.requestId, event.at);
  },
  TimerCanceled: (state, event) => {
    state.timers.delete(event.timer);
  },
};
