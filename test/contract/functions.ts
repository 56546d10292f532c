// What every adapter of the port to functions promises.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Functions, InvocationResult } from '../../src/ports/functions.ts';
import { makeVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock.ts';

/** The modules of test/support/functions that the suite needs, by the names that it invokes them by. */
export const contractFunctions = ['echo', 'misbehave'] as const;

/** Functions as a suite opens them. */
export interface OpenedFunctions {
  readonly functions: Functions;
  /** Only an error's name, message and stack come across, as on Lambda. */
  readonly losesCodes?: boolean;
  close(): Promise<void>;
}

const options = { timeoutMs: 1_000 };

const readAnswer = (result: InvocationResult): unknown =>
  result.kind === 'answered' ? (JSON.parse(result.payload) as { request: unknown }).request : result.failure;

/**
 * Describes the promises of the port.
 *
 * @param open - makes functions on which `echo` and `misbehave` are installed, and whose deadlines the given clock tells
 */
export const describeFunctions = (adapter: string, open: (clock: VirtualClock) => OpenedFunctions): void => {
  describe(`functions (${adapter})`, () => {
    let clock: VirtualClock;
    let opened: OpenedFunctions;
    const invoke = (name: string, request: unknown) => opened.functions.invoke(name, JSON.stringify(request), options);

    beforeEach(() => {
      clock = makeVirtualClock();
      opened = open(clock);
    });
    afterEach(() => opened.close());

    it('a function is given the request and its answer comes back, both as JSON', async () => {
      const request = { text: 'é\n"\u2028', list: [1, null, { deep: true }] };
      const result = await invoke('echo', request);
      expect(readAnswer(result)).toEqual(request);
    });

    it('a function that answers nothing answers null', async () => {
      expect(await invoke('misbehave', 'answerNothing')).toMatchObject({ kind: 'answered', payload: 'null' });
    });

    it('each of many invocations at once gets its own answer', async () => {
      const results = await Promise.all(Array.from({ length: 100 }, (_, index) => invoke('echo', index)));
      expect(results.map((result) => readAnswer(result))).toEqual(results.map((_, index) => index));
    });

    it('every invocation has a report of its own, and the first one of a function is its cold start', async () => {
      const first = await invoke('echo', 1);
      const second = await invoke('echo', 2);
      expect(first.report).toMatchObject({ coldStart: true, source: 'report', memoryMb: 256 });
      expect(second.report).toMatchObject({ coldStart: false, initMs: 0 });
      expect(first.report.billedMs).toBe(Math.ceil(first.report.durationMs + first.report.initMs));
      expect(Math.min(first.report.durationMs, first.report.initMs, second.report.durationMs)).toBeGreaterThanOrEqual(0);
      expect(second.report.requestId).not.toBe(first.report.requestId);
    });

    it('a function that throws has failed by its own fault, with the name and the code of its error', async () => {
      const result = await invoke('misbehave', 'throwError');
      expect(result).toMatchObject({
        kind: 'failed',
        retryable: false,
        failure: { code: opened.losesCodes === true ? 'FUNCTION_CRASHED' : 'MY_CODE', name: 'RangeError', message: 'out of range' },
      });
    });

    it('an error that goes by the name of a code of the catalogue has that code', async () => {
      expect(await invoke('misbehave', 'throwCode')).toMatchObject({ kind: 'failed', retryable: false, failure: { code: 'UPGRADE_ME' } });
    });

    it('a function whose answer cannot be written as JSON has failed by its own fault', async () => {
      expect(await invoke('misbehave', 'answerNoJson')).toMatchObject({
        kind: 'failed',
        retryable: false,
        failure: { code: 'FUNCTION_CRASHED' },
      });
    });

    it('a function that throws what is no error has failed with its text', async () => {
      const result = await invoke('misbehave', 'throwText');
      expect(result).toMatchObject({ kind: 'failed', retryable: false, failure: { code: 'FUNCTION_CRASHED', message: 'just a text' } });
    });

    it('a function that is not there is no fault of the one that was asked for', async () => {
      expect(await invoke('nobody', {})).toMatchObject({ kind: 'failed', retryable: true, failure: { code: 'FUNCTION_NOT_FOUND' } });
    });

    it('a function that never answers has failed when its timeout is reached, and not before', async () => {
      const silent = invoke('misbehave', 'neverAnswer');
      clock.advance(options.timeoutMs - 1);
      expect(await Promise.race([silent, invoke('echo', 'meanwhile')])).toMatchObject({ kind: 'answered' });
      clock.advance(1);
      expect(await silent).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_TIMED_OUT' } });
    });

    it('functions go on after one of them failed', async () => {
      await invoke('misbehave', 'throwError');
      expect(await invoke('echo', 'still here')).toMatchObject({ kind: 'answered' });
    });

    it('no timer is left once everything is answered', async () => {
      await invoke('echo', 1);
      await opened.close();
      expect(clock.timers).toBe(0);
    });
  });
};
