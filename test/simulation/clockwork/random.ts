// The one source of chance in a simulation: everything that may happen is drawn from a seed, so that a seed replays exactly.

/** Draws from a seed. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number, both ends included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Picks by weight. */
  weigh<T>(weighted: readonly (readonly [number, T])[]): T;
  /** Another stream of chance, which draws from here do not disturb. */
  fork(label: string): Random;
}

const hashLabel = (label: string, seed: number): number => {
  let hash = seed ^ 0x9e3779b9;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** mulberry32 (public domain): small, quick, good enough to choose faults with. */
export const createRandom = (seed: number): Random => {
  let state = Math.imul(seed ^ 0x5bd1e995, 0x85ebca6b) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => {
    const picked = list[int(0, list.length - 1)];
    if (picked === undefined) throw new Error('There is nothing to pick from.');
    return picked;
  };
  const weigh = <T>(weighted: readonly (readonly [number, T])[]): T => {
    let left = next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of weighted) {
      left -= weight;
      if (left < 0) return value;
    }
    return pick(weighted)[1];
  };
  return { next, int, chance: (probability) => next() < probability, pick, weigh, fork: (label) => createRandom(hashLabel(label, seed)) };
};
