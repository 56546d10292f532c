// What is sealed is opened by who has the key and names the place, and by nobody else.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, open, seal } from '../../../../src/adapters/sealed/cipher.ts';

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);

describe('sealed texts', () => {
  it('any text comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 20 }), (text, place) => {
        expect(open(seal(text, KEY, place), KEY, place)).toBe(text);
      }),
      { numRuns: 20 },
    );
  });

  it('also what is beyond ASCII, and nothing at all', () => {
    for (const text of ['', 'größer', '日本 🗾', 'ä'.repeat(1000)]) expect(open(seal(text, KEY, 'ö'), KEY, 'ö')).toBe(text);
  });

  it('a long text takes no more than its compressed form, and nothing of it can be seen', () => {
    const text = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ customer: 'Ada Lovelace', number: i })));
    const sealed = seal(text, KEY, 'place');
    expect(sealed.length).toBeLessThan(text.length / 3);
    expect(Buffer.from(sealed, 'base64').includes('Ada')).toBe(false);
  });

  it('is not opened with another key, for another place, or once a bit was changed', () => {
    const sealed = seal('a secret', KEY, 'here');
    expect(() => open(sealed, OTHER, 'here')).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    expect(() => open(sealed, KEY, 'there')).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    const bytes = Buffer.from(sealed, 'base64');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => open(changed.toString('base64'), KEY, 'here')).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    }
    expect(() => open('AAAA', KEY, 'here')).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
  });

  it('the same text is sealed alike at the same place, and differently anywhere else', () => {
    const texts = [seal('one', KEY, 'a'), seal('two', KEY, 'a'), seal('one', KEY, 'b'), seal('one', OTHER, 'a')];
    expect(seal('one', KEY, 'a')).toBe(texts[0]);
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(texts.map((text) => Buffer.from(text, 'base64').subarray(0, 28).toString('hex'))).size).toBe(texts.length);
  });

  it('a key for one purpose opens nothing of another', () => {
    const key = new Uint8Array(randomBytes(32));
    const [records, payloads] = [deriveKey(key, 'records'), deriveKey(key, 'payloads')];
    expect(() => open(seal('a secret', records, 'here'), payloads, 'here')).toThrow(expect.objectContaining({ code: 'VALUE_UNREADABLE' }));
    expect(deriveKey(key, 'records')).toEqual(records);
  });
});
