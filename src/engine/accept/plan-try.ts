// When a blocked run is tried again (rules 9, 11).

const HOUR_MS = 3600_000;

/**
 * Doubling from 1 s, at most a minute apart in the first hour and ten minutes after it.
 *
 * @param tries - how often it was tried, this time included
 * @param blockedForMs - how long it has been blocked
 * @param now - milliseconds since the epoch
 */
export const planTry = (tries: number, blockedForMs: number, now: number): number => {
  const most = blockedForMs < HOUR_MS ? 60_000 : 600_000;
  return now + Math.min(most, 1000 * 2 ** Math.min(tries - 1, 20));
};
