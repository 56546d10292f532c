// Judges how one partition is read, from two looks some seconds apart: whether it moves, and if not, what holds it.
import type { SubscriptionState } from './doctor-parts.ts';

/** What a subscription of a partition does. */
export type Reading =
  /** Nothing waits and somebody reads; or what waits is not due yet. */
  | 'idle'
  /** Nothing waits and nobody reads. */
  | 'unowned'
  /** It moves. */
  | 'moving'
  /** All that waits is with its consumer, which works on it. */
  | 'inHand'
  /** The same, for long. */
  | 'held'
  /** The same messages are delivered again and again. */
  | 'repeating'
  /** Messages wait and nobody reads. */
  | 'unread'
  /** The broker delivers no more until something is acked. */
  | 'blocked'
  /** Somebody reads, messages wait, nothing moves: not for long yet. */
  | 'slow'
  /** The same, for long. */
  | 'still';

/** Two looks at the same subscription. */
export interface TwoLooks {
  readonly first: SubscriptionState;
  readonly second: SubscriptionState;
  /** Time of the second look, in milliseconds since the epoch. */
  readonly now: number;
}

/** A message that waits for as long with a reader at hand is not about to be read: deciding takes seconds at most. */
const STILL_MS = 30_000;
/** A job that takes longer is possible, and still worth a look. */
const HELD_MS = 5 * 60_000;

/** What a subscription does. */
export const judgeReading = ({ first, second, now }: TwoLooks): Reading => {
  const waiting = second.backlog - second.delayed;
  if (second.consumers.length === 0) return second.backlog > 0 ? 'unread' : 'unowned';
  if (waiting <= 0) return 'idle';
  const ageMs = second.oldestAt === undefined ? undefined : now - second.oldestAt;
  const acks = second.ackedAt > first.ackedAt || second.backlog < first.backlog;
  if (acks) return 'moving';
  if (second.delivered > first.delivered) return ageMs !== undefined && ageMs > HELD_MS ? 'repeating' : 'moving';
  if (second.isBlocked || second.consumers.some(({ isBlocked }) => isBlocked)) return 'blocked';
  if (second.unacked >= waiting) return ageMs === undefined || ageMs <= HELD_MS ? 'inHand' : 'held';
  return ageMs !== undefined && ageMs <= STILL_MS ? 'slow' : 'still';
};

/** Units of a span, from large to small; one is used from twice its length on. */
const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

const describeSpan = (ms: number): string => {
  const [length, unit] = UNITS.find(([one]) => ms >= 2 * one) ?? [1000, 's'];
  return `${Math.round(ms / length)} ${unit}`;
};

/** How long the oldest unread message has been waiting, for people; nothing where it is not known. */
export const describeAge = (looks: readonly TwoLooks[]): string => {
  const ages = looks.flatMap(({ second: { oldestAt }, now }) => (oldestAt === undefined ? [] : [Math.max(0, now - oldestAt)]));
  return ages.length === 0 ? '' : `, the oldest for ${describeSpan(Math.max(...ages))}`;
};
