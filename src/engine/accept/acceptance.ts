// What becomes of a message, and what accepting it may know beside the run.
import type { ErrorCode } from '../../protocol/errors.ts';
import type { NewEvent, Parent, RunEvent } from '../../protocol/events.ts';
import type { InboxMessage, InboxMessageType } from '../../protocol/messages.ts';
import type { RunState } from '../run/run-state.ts';

/** A deployment, as far as starting a run needs to know it. */
export interface DeploymentFacts {
  readonly deployment: string;
  hasWorkflow(name: string): boolean;
}

/** What the owner knows beside the run. */
export interface AcceptContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Newest deployment of an app, or the one named. */
  findDeployment(app: string, deployment?: string): DeploymentFacts | undefined;
  /** Events of the run's present beginning, where they are at hand. */
  readonly history: readonly RunEvent[] | undefined;
}

/**
 * What becomes of a message.
 * - `commit`: these events, perhaps none; the message is recorded in the commit's list.
 * - `settled`: its verdict can never change; acked without a commit if the state was read consistently after it came (rule 5).
 * - `refused`: as `settled`, and whoever asked is told outside of the history, because the run has none that can take it.
 * - `needHistory`: asked again with the history.
 * - `archive`, `prune`: what the archive asks the owner to do (rule 2).
 */
export type Acceptance =
  | { readonly kind: 'commit'; readonly events: readonly NewEvent[]; readonly tries?: boolean }
  | { readonly kind: 'settled' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly reply?: Parent }
  | { readonly kind: 'needHistory' }
  | { readonly kind: 'archive' }
  | { readonly kind: 'prune' };

/** Accepts one kind of message. */
export type Acceptor<M extends InboxMessage> = (state: RunState, message: M, context: AcceptContext) => Acceptance;
/** Acceptors of some kinds of messages. */
export type Acceptors<T extends InboxMessageType> = { readonly [K in T]: Acceptor<Extract<InboxMessage, { type: K }>> };

/** Records these events. */
export const commit = (...events: readonly NewEvent[]): Acceptance => ({ kind: 'commit', events });
/** Nothing to do, now and for ever. */
export const settled: Acceptance = { kind: 'settled' };
