// Proves that back-pressure holds attempts back, in order, and never for ever.
import { beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../../../../src/connector/context/gate.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';

let clock: VirtualClock;
let memoryShare: number;
let gate: Gate;
let begun: string[];
let shortages: number;

beforeEach(() => {
  clock = makeVirtualClock();
  [memoryShare, begun, shortages] = [0.1, [], 0];
  gate = new Gate(
    clock,
    { attemptsInFlight: 2, memoryShareLimit: 0.8 },
    () => memoryShare,
    () => (shortages += 1),
  );
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const enter = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) void gate.enter().then(() => begun.push(name));
  await settle();
};

const leave = async (): Promise<void> => {
  gate.leave();
  await settle();
};

describe('attempts in flight', () => {
  it('begin at once while there is room', async () => {
    await enter('a', 'b');
    expect(begun).toEqual(['a', 'b']);
  });

  it('are bounded, and one that ends lets the next one in, in the order in which they came', async () => {
    await enter('a', 'b', 'c', 'd');
    expect([begun, gate.inFlight, gate.waitingCount]).toEqual([['a', 'b'], 2, 2]);
    await leave();
    expect(begun).toEqual(['a', 'b', 'c']);
    await leave();
    expect([begun, gate.inFlight, gate.waitingCount]).toEqual([['a', 'b', 'c', 'd'], 2, 0]);
  });

  it('one that comes later does not overtake one that waits', async () => {
    await enter('a', 'b', 'c');
    gate.leave();
    await enter('d');
    expect(begun).toEqual(['a', 'b', 'c']);
  });
});

describe('short memory', () => {
  it('holds all but one back, until there is room again', async () => {
    memoryShare = 0.9;
    await enter('a', 'b');
    expect(begun).toEqual(['a']);
    clock.advance(1000);
    await settle();
    expect(begun).toEqual(['a']);
    memoryShare = 0.5;
    clock.advance(1000);
    await settle();
    expect(begun).toEqual(['a', 'b']);
  });

  it('is told once each time that it holds something back, and shows as long as it lasts', async () => {
    for (const times of [1, 2]) {
      memoryShare = 0.9;
      await enter('a', 'b');
      clock.advance(10_000);
      await settle();
      expect([shortages, gate.isMemoryShort]).toEqual([times, true]);
      memoryShare = 0.5;
      clock.advance(1000);
      await settle();
      expect([shortages, gate.isMemoryShort]).toEqual([times, false]);
      await leave();
      await leave();
    }
  });

  it('is not told while nobody is held back', async () => {
    memoryShare = 0.9;
    await enter('a');
    await leave();
    expect(shortages).toBe(0);
  });

  it('never stops everything: what ends lets one more begin', async () => {
    memoryShare = 0.99;
    await enter('a', 'b');
    await leave();
    expect(begun).toEqual(['a', 'b']);
  });

  it('leaves no timer behind once nobody waits', async () => {
    memoryShare = 0.9;
    await enter('a', 'b');
    await leave();
    await leave();
    clock.advance(1000);
    expect(clock.timers).toBe(0);
  });
});

describe('a function without room', () => {
  it('is left alone, longer with each refusal, and not at all once it answered', () => {
    gate.note('f', false);
    const first = gate.readPauseMs('f');
    clock.advance(first);
    expect(gate.readPauseMs('f')).toBe(0);
    gate.note('f', false);
    expect(gate.readPauseMs('f')).toBe(first * 2);
    gate.note('f', true);
    expect(gate.readPauseMs('f')).toBe(0);
  });

  it('refusing many that were under way together counts as one refusal', () => {
    for (let i = 0; i < 50; i++) gate.note('f', false);
    const first = gate.readPauseMs('f');
    clock.advance(first);
    gate.note('f', false);
    expect(gate.readPauseMs('f')).toBe(first * 2);
  });

  it('is never left alone for more than ten seconds, and others not at all', () => {
    for (let i = 0; i < 30; i++) {
      gate.note('f', false);
      clock.advance(gate.readPauseMs('f'));
    }
    gate.note('f', false);
    expect(gate.readPauseMs('f')).toBe(10_000);
    expect(gate.readPauseMs('g')).toBe(0);
  });
});
