// Proves that a completion token names a job of a run, and survives the way through mails and URLs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readToken, writeToken } from '../../../src/protocol/completion-token.ts';

describe('a completion token', () => {
  it('says what it was written with, whatever the run id', () => {
    const target = fc.record({
      run: fc.string({ unit: 'grapheme', minLength: 1 }),
      epoch: fc.nat(),
      job: fc.integer({ min: 1 }),
      generation: fc.integer({ min: 1 }),
    });
    fc.assert(
      fc.property(target, (named) => {
        expect(readToken(writeToken(named))).toEqual(named);
      }),
    );
  });

  it('can stand in a URL as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (run) => {
        expect(writeToken({ run, epoch: 0, job: 1, generation: 1 })).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it.each(['', 'no token', 'e30', btoa('["run"]'), btoa('["", 0, 1, 1]'), btoa('["run", 0, 0, 1]'), btoa('{"run": "run"}')])(
    '"%s" is none',
    (text) => {
      expect(() => readToken(text)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
    },
  );
});
