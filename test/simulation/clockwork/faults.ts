// What goes wrong in a simulation and how often: drawn once per seed, so that seeds differ in kind and not only in detail.
import type { Random } from './random.ts';

/**
 * What becomes of a call to a port.
 * - `refused`: not done, rejected. `lost`: done, rejected. `silent`: done, never answered. `dropped`: not done, never answered.
 * - `late`: done long after the caller gave up. `crashBefore`, `crashAfter`: the process dies before the call, or when it is done.
 */
export type CallFault = 'refused' | 'lost' | 'silent' | 'dropped' | 'late' | 'crashBefore' | 'crashAfter';

/** What becomes of an invocation. */
export type FunctionFault = 'crashed' | 'lost' | 'silent' | 'slow';

/** How a world goes wrong. Probabilities per call, intervals as the mean in milliseconds (0: never). */
export interface FaultMix {
  readonly call: number;
  readonly callFaults: readonly (readonly [number, CallFault])[];
  readonly invocation: number;
  readonly functionFaults: readonly (readonly [number, FunctionFault])[];
  readonly lostAck: number;
  /** A publish is repeated by the client, unmarked. */
  readonly duplicate: number;
  /** Longest usual time on the way, and how often something takes much longer. */
  readonly usualDelayMs: number;
  readonly slow: number;
  readonly slowDelayMs: number;
  readonly crashEveryMs: number;
  readonly moveEveryMs: number;
  readonly rewindEveryMs: number;
  readonly pauseEveryMs: number;
  readonly longestPauseMs: number;
  /** Faults stop after this long. */
  readonly untilMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Nothing goes wrong, and nothing takes time. */
export const noFaults: FaultMix = {
  call: 0,
  callFaults: [],
  invocation: 0,
  functionFaults: [],
  lostAck: 0,
  duplicate: 0,
  usualDelayMs: 2,
  slow: 0,
  slowDelayMs: 0,
  crashEveryMs: 0,
  moveEveryMs: 0,
  rewindEveryMs: 0,
  pauseEveryMs: 0,
  longestPauseMs: 0,
  untilMs: 0,
};

const callFaults: FaultMix['callFaults'] = [
  [3, 'refused'],
  [3, 'lost'],
  [2, 'silent'],
  [1, 'dropped'],
  [1, 'late'],
  [1, 'crashBefore'],
  [2, 'crashAfter'],
];

const functionFaults: FaultMix['functionFaults'] = [
  [3, 'crashed'],
  [3, 'lost'],
  [1, 'silent'],
  [1, 'slow'],
];

/** A world that is usual, rough or hostile, for minutes or for days. */
export const drawFaults = (random: Random): FaultMix => {
  const level = random.weigh([
    [2, 0.005],
    [4, 0.02],
    [2, 0.06],
  ] as const);
  const long = random.chance(0.2);
  const often = (ms: number): number => (random.chance(0.6) ? ms * (long ? 60 : 1) : 0);
  return {
    call: level,
    callFaults,
    invocation: level * random.pick([1, 2, 4]),
    functionFaults,
    lostAck: random.pick([0, 0.05, 0.3]),
    duplicate: random.pick([0, 0.02, 0.1]),
    usualDelayMs: random.pick([5, 30, 200]),
    slow: random.pick([0, 0.01, 0.05]),
    slowDelayMs: random.pick([SECOND, 10 * SECOND, MINUTE]),
    crashEveryMs: often(40 * SECOND),
    moveEveryMs: often(random.pick([2 * SECOND, 15 * SECOND])),
    rewindEveryMs: often(20 * SECOND),
    pauseEveryMs: often(30 * SECOND),
    longestPauseMs: long ? 3 * DAY : random.pick([10 * SECOND, 2 * MINUTE]),
    untilMs: long ? random.int(1, 36) * HOUR : random.int(1, 4) * MINUTE,
  };
};
