// Proves which part of a history is sent to be replayed.
import { describe, expect, it } from 'vitest';
import { selectBeginning } from '../../../../src/connector/orchestrator/decide-run.ts';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import { runStarted, signalReceived } from '../../../support/pure/drafts.ts';
import { givenRun } from '../../../support/pure/given-run.ts';

const continued: NewEvent = {
  type: 'RunContinued',
  command: 1,
  cause: 1,
  input: {},
  inputHash: '',
  signals: [],
  cancel: false,
  children: [],
};
const select = (...steps: readonly (readonly NewEvent[])[]) =>
  selectBeginning(givenRun(...steps).commits).map(({ number, type }) => `${number} ${type}`);
const expected: NewEvent = { type: 'RunExpected', until: 0 };

describe('the present beginning of a run', () => {
  it('is the whole of a run that never began anew', () => {
    expect(select([expected, signalReceived('word')], [runStarted()])).toEqual(['1 RunExpected', '2 SignalReceived', '3 RunStarted']);
  });

  it('is what follows its last RunContinued, and that', () => {
    expect(select([runStarted()], [continued], [signalReceived('word')], [continued], [signalReceived('word', 2)])).toEqual([
      '4 RunContinued',
      '5 SignalReceived',
    ]);
  });

  it('leaves out signals that expired before it was started', () => {
    expect(select([expected, signalReceived('word')], [{ type: 'SignalsExpired' }], [runStarted()])).toEqual([
      '3 SignalsExpired',
      '4 RunStarted',
    ]);
  });

  it('is the same that an owner keeps with its copy', () => {
    for (const steps of [
      [[runStarted()], [continued], [signalReceived('word')]],
      [[expected, signalReceived('word')], [{ type: 'SignalsExpired' as const }], [runStarted()]],
    ]) {
      const given = givenRun(...steps);
      expect(given.state.history).toEqual(selectBeginning(given.commits));
    }
  });
});
