// Proves who is let in when: bounds, the ramp of a cold burst, waiting after throttling; on a clock that the test moves.
import { beforeEach, describe, expect, it } from 'vitest';
import { Gate, type GateOptions } from '../../../../src/adapters/lambda/gate.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';

let clock: VirtualClock;
let gate: Gate;
let begun: string[];

const open = (options: Partial<Omit<GateOptions, 'clock'>> = {}): void => {
  gate = new Gate({ clock, perFunction: 64, total: 1000, ...options });
};
const enter = (name: string, times = 1): (() => void)[] =>
  Array.from({ length: times }, () => gate.enter(name, () => void begun.push(name)));
const answer = (name: string, times = 1): void => {
  for (let at = 0; at < times; at++) gate.leave(name, { throttled: false });
};

beforeEach(() => {
  clock = makeVirtualClock();
  begun = [];
  open();
});

describe('a cold burst', () => {
  it('begins with a few, and doubles every 100 ms as answers come', () => {
    enter('pay', 100);
    expect(begun).toHaveLength(8);
    answer('pay', 8);
    expect(begun).toHaveLength(16);
    clock.advance(100);
    expect(gate.count().inFlight).toBe(16);
    answer('pay');
    clock.advance(100);
    expect(gate.count().inFlight).toBe(32);
  });

  it('does not double faster than that, however fast answers come', () => {
    enter('pay', 1000);
    for (let at = 0; at < 50; at++) answer('pay', 8);
    expect(gate.count().inFlight).toBe(8);
  });

  it('doubles without answers too, because what runs long needs sandboxes of its own', () => {
    enter('pay', 100);
    const seen = Array.from({ length: 4 }, () => {
      clock.advance(500);
      return gate.count().inFlight;
    });
    expect(seen).toEqual([16, 32, 64, 64]);
  });

  it('is one again after some minutes without an invocation, and none before', () => {
    enter('pay', 100);
    clock.advance(2000);
    answer('pay', 100);
    clock.advance(299_000);
    enter('pay', 30);
    expect(gate.count().inFlight).toBe(30);
    answer('pay', 30);
    clock.advance(300_000);
    enter('pay', 30);
    expect(gate.count().inFlight).toBe(8);
  });
});

describe('bounds', () => {
  it('of one function hold it up and no other', () => {
    open({ perFunction: 3 });
    enter('pay', 5);
    enter('mail', 1);
    expect(begun).toEqual(['pay', 'pay', 'pay', 'mail']);
    answer('pay');
    expect(gate.count()).toEqual({ inFlight: 4, waiting: 1 });
  });

  it('in all are kept, and each function gets its turn', () => {
    open({ total: 2 });
    enter('pay', 4);
    enter('mail', 2);
    answer('pay', 1);
    answer('pay', 1);
    expect(begun.toSorted()).toEqual(['mail', 'pay', 'pay', 'pay']);
    expect(gate.count().inFlight).toBe(2);
  });

  it('are not reached by those who stopped waiting', () => {
    open({ perFunction: 1 });
    const [, stopWaiting] = enter('pay', 3);
    stopWaiting?.();
    answer('pay');
    expect(gate.count()).toEqual({ inFlight: 1, waiting: 0 });
    expect(begun).toHaveLength(2);
  });
});

describe('throttling', () => {
  const throttle = (retryAfterMs?: number): void =>
    gate.leave('pay', { throttled: true, ...(retryAfterMs !== undefined && { retryAfterMs }) });

  it('lets nothing in until the time that Lambda names, then half as many', () => {
    enter('pay', 20);
    throttle(2000);
    answer('pay', 7);
    clock.advance(1999);
    expect(gate.count().inFlight).toBe(0);
    clock.advance(1);
    expect(gate.count().inFlight).toBe(4);
  });

  it('of many of one burst counts once', () => {
    enter('pay', 20);
    for (let at = 0; at < 8; at++) throttle();
    clock.advance(200);
    expect(gate.count().inFlight).toBe(4);
  });

  it('leaves other functions alone', () => {
    enter('pay');
    throttle();
    enter('mail');
    expect(begun).toEqual(['pay', 'mail']);
  });
});

it('no timer is set when nobody waits', () => {
  const stops = enter('pay', 20);
  for (const stop of stops) stop();
  expect(clock.timers).toBe(0);
});
