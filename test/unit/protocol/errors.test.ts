// Proves that every error says what to do.
import { describe, expect, it } from 'vitest';
import { errorCatalogue, findHint, isErrorCode } from '../../../src/protocol/errors.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';

describe('an error', () => {
  it('has the hint of its code unless it brings its own', () => {
    expect(findHint(new StarquakeError('RUN_UNKNOWN', 'No run "a" is known.'))).toBe(errorCatalogue.RUN_UNKNOWN.hint);
    expect(findHint(new StarquakeError('RUN_UNKNOWN', 'No run "a" is known.', { hint: 'Look again.' }))).toBe('Look again.');
  });

  it('keeps its cause, and has none where none was given', () => {
    const cause = new Error('why');
    expect(new StarquakeError('INTERNAL', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new StarquakeError('INTERNAL', 'x')).toBe(false);
  });

  it('has a code that programs can tell from any other text', () => {
    expect([isErrorCode('RUN_UNKNOWN'), isErrorCode('toString'), isErrorCode('')]).toEqual([true, false, false]);
  });

  it('is one of a catalogue in alphabetical order', () => {
    expect(Object.keys(errorCatalogue)).toEqual(Object.keys(errorCatalogue).toSorted());
  });
});
