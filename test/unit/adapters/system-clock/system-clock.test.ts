// The system clock fires on time, however far away that is, and never before.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../../src/adapters/system-clock/system-clock.ts';

const START = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;

describe('the system clock', () => {
  let fired: number[];
  const note = (): void => void fired.push(Date.now() - START);
  beforeEach(() => {
    fired = [];
    vi.useFakeTimers({ now: START });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells the time of the machine', () => {
    expect(systemClock.now()).toBe(START);
  });

  it('fires once, at its time', () => {
    systemClock.setTimer(START + 1000, note);
    vi.advanceTimersByTime(999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(fired).toEqual([1000]);
  });

  it('fires soon when its time has passed', () => {
    systemClock.setTimer(START - 1000, note);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired.length).toBe(1);
  });

  it('waits longer than setTimeout can', () => {
    systemClock.setTimer(START + 100 * DAY_MS, note);
    vi.advanceTimersByTime(100 * DAY_MS - 1);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([100 * DAY_MS]);
  });

  it('waits on when the time of the machine was set back', () => {
    systemClock.setTimer(START + 1000, note);
    vi.advanceTimersByTime(500);
    vi.setSystemTime(START);
    vi.advanceTimersByTime(600);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(400);
    expect(fired).toEqual([1000]);
  });

  it('does not fire once it is canceled, also while it waits on', () => {
    const cancel = systemClock.setTimer(START + 100 * DAY_MS, note);
    vi.advanceTimersByTime(50 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(100 * DAY_MS);
    cancel();
    expect(fired).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
