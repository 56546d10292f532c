// The shape of what folds one kind of event into the state of a run.
import type { EventOf, RunEventType } from '../../protocol/events.ts';
import type { RunState } from '../run/run-state.ts';

/** How one kind of event changes the state; `epoch` is its commit's. */
export type Evolver<T extends RunEventType> = (state: RunState, event: EventOf<T>, epoch: number) => void;
/** Evolvers of some kinds of events. */
export type Evolvers<T extends RunEventType> = { readonly [K in T]: Evolver<K> };
