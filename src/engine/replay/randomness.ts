// Randomness that is the same each time a run is replayed.

/** A generator seeded by a text: sfc32 over a 128-bit mix of the text. @see https://pracrand.sourceforge.net/RNG_engines.txt */
export interface Randomness {
  /** From 0 up to 1. */
  next(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** Mixes a text into four 32-bit words (cyrb128, public domain). */
export const hashText = (text: string): readonly [number, number, number, number] => {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
};

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** A text's hash as 32 hex digits: for equality only, not for secrets. */
export const fingerprint = (text: string): string => hashText(text).map(hex).join('');

/** @param seed - the run id and the number of the event that began the run */
export const createRandomness = (seed: string): Randomness => {
  let [a, b, c, d] = hashText(seed);
  const nextWord = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) nextWord();
  return {
    next: () => nextWord() / 2 ** 32,
    uuid: () => {
      const text = [nextWord(), (nextWord() & 0xffff0fff) | 0x4000, (nextWord() & 0x3fffffff) | 0x80000000, nextWord()].map(hex).join('');
      return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
    },
  };
};
