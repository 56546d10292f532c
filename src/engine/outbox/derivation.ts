// What deriving messages from a commit reads and writes.
import type { Commit } from '../../protocol/commit.ts';
import type { EventOf, RunEventType } from '../../protocol/events.ts';
import { identifyMessage } from '../../protocol/message-ids.ts';
import type { Due, InboxMessage } from '../../protocol/messages.ts';
import { topics } from '../../protocol/topics.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { RunState } from '../run/run-state.ts';

/** A message with where it goes. */
export interface Letter {
  readonly topic: string;
  readonly key: string;
  readonly id: string;
  /** JSON text. */
  readonly body: string;
}

/** What a commit promises: letters at once, and those that are due later. */
export interface Outbox {
  readonly letters: Letter[];
  readonly dues: Due[];
}

/** How long closed runs are kept before they are archived, in milliseconds (rule 19). */
export interface Retention {
  readonly completedMs: number;
  readonly failedMs: number;
}

/** What derivation reads and where it writes. */
export interface Derivation {
  readonly commit: Commit;
  /** The run as this commit left it. */
  readonly state: RunState;
  readonly retention: Retention;
  readonly outbox: Outbox;
}

/** Derives from one kind of event. */
export type Deriver<T extends RunEventType> = (event: EventOf<T>, derivation: Derivation) => void;
/** Derivers of some kinds of events; the others promise nothing. */
export type Derivers = { readonly [K in RunEventType]?: Deriver<K> };

/** An inbox message as it is written, its version left to whoever writes it. */
export type InboxDraft = { [T in InboxMessage['type']]: Omit<Extract<InboxMessage, { type: T }>, 'v'> }[InboxMessage['type']];

/** Puts an inbox message into an envelope. @param v - version to write it in; the newest unless given */
export const writeInbox = (draft: InboxDraft, v = PROTOCOL_VERSION): Letter => {
  const message: InboxMessage = { v, ...draft };
  return { topic: topics.inbox.name, key: message.run, id: identifyMessage(message), body: JSON.stringify(message) };
};

/** Makes a letter due later. @param v - version to write it in */
export const postpone = (letter: Letter, dueAt: number, v: number): Due => ({
  type: 'Due',
  v,
  dueAt,
  topic: letter.topic,
  key: letter.key,
  id: `${letter.key}/${letter.id}`,
  message: letter.body,
});
