// How the events about children change the state of a run.
import type { Evolvers } from './evolver.ts';

export const evolveChildren: Evolvers<'ChildStarted' | 'ChildClosed' | 'ChildRetried'> = {
  ChildStarted: (state, event, epoch) => {
    state.children.set(event.number, { event, epoch, generation: 1, status: 'open', closedAfter: 0 });
  },
  ChildClosed: (state, event) => {
    const child = state.children.get(event.child);
    if (!child) return;
    if (event.outcome === 'completed') state.children.delete(event.child);
    else {
      child.status = 'closed';
      child.closedAfter = state.version;
    }
  },
  ChildRetried: (state, event) => {
    const child = state.children.get(event.child);
    if (!child) return;
    child.generation = event.generation;
    child.status = 'open';
  },
};
