// Shares what a consumer of a queue may hold between the consumer and the receiver queue that feeds it.

/** How the messages that a consumer may hold are shared. */
export interface SplitPrefetch {
  /** Ready to be handed over, in the receiver queue. */
  readonly queued: number;
  /** Handed over, and neither acked nor released. */
  readonly delivered: number;
}

/** Below this, a message in a receiver queue would wait there while other consumers have room. */
const LARGE_PREFETCH = 64;
const QUEUED_SHARE = 1 / 8;

/**
 * Both together never exceed the prefetch. Without a receiver queue each message is asked for by itself, which is exact, and costs more.
 *
 * @example
 * splitPrefetch(256); // { queued: 32, delivered: 224 }
 * splitPrefetch(10); // { queued: 0, delivered: 10 }
 */
export const splitPrefetch = (prefetch: number): SplitPrefetch => {
  const queued = prefetch < LARGE_PREFETCH ? 0 : Math.min(1000, Math.floor(prefetch * QUEUED_SHARE));
  return { queued, delivered: prefetch - queued };
};
