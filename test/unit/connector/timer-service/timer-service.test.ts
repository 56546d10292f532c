// What comes due while the timer function is at work shares its next invocation: an invocation is what is paid for.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timerRequestSchema } from '../../../../src/protocol/functions.ts';
import { TIMER_FUNCTION } from '../../../../src/protocol/manifest.ts';
import { loadDesk } from '../../../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../../../support/stage/stage.ts';

const desk = await loadDesk();
const RUNS = 20;
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

describe('the timer-service', () => {
  it('has two invocations under way at most, and what comes due meanwhile shares the next', async () => {
    const batches: number[] = [];
    const free = Promise.withResolvers<void>();
    const owner = await stage.connect('owner');
    owner.hooks.invoke = async (name, payload, proceed) => {
      if (name === TIMER_FUNCTION) {
        batches.push(timerRequestSchema.parse(JSON.parse(payload)).dues.length);
        await free.promise;
      }
      return proceed();
    };
    for (let index = 0; index < RUNS; index++) await stage.start(`run-${index}`, 'sleep-then-work', 1000 + index);
    await stage.pass('1100ms');
    expect(batches).toEqual([1, 1]);
    free.resolve();
    await stage.pass('1100ms');
    expect(batches).toEqual([1, 1, RUNS - 2]);
    const ends = await Promise.all(Array.from({ length: RUNS }, (_, index) => stage.types(`run-${index}`)));
    expect(ends.every((types) => types.includes('TimerFired'))).toBe(true);
  });
});
