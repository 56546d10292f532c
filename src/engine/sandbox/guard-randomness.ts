// Makes Math.random and crypto draw from the run whose code is running, so that replay draws the same.
import { MOVE_INTO_JOB, standIn } from './forbidden-call.ts';
import { sandbox } from './sandbox-host.ts';

const readRandom = (): number => sandbox.run?.random() ?? 0.5;

/** `crypto.randomUUID`, drawn from the run whose code is running. */
export const drawUuid = (): string => sandbox.run?.uuid() ?? '00000000-0000-4000-8000-000000000000';

/** `crypto.getRandomValues`, drawn from the run whose code is running. */
export const fillRandomly = <T extends ArrayBufferView>(array: T): T => {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(readRandom() * 256);
  return array;
};

/** Replaces the sources of randomness of this realm. */
export const guardRandomness = (): void => {
  Math.random = readRandom;
  const value = { randomUUID: drawUuid, getRandomValues: fillRandomly, subtle: standIn('crypto.subtle', () => MOVE_INTO_JOB) };
  Object.defineProperty(globalThis, 'crypto', { value, configurable: true, writable: true });
};
