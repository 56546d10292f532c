// Places of messages as numbers: they rise with the place, and lead back to it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPlace, numberPlace, parseMessageId, writeMessageId } from '../../src/adapters/pulsar-admin/message-position.ts';

const places = fc.record({
  ledger: fc.nat({ max: 2 ** 26 - 1 }),
  entry: fc.nat({ max: 2 ** 22 - 1 }),
  batchIndex: fc.nat({ max: 31 }),
});

describe('positions of messages', () => {
  it('a position leads back to its place', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(findPlace(numberPlace(place))).toEqual(place);
      }),
    );
  });

  it('a later place has a greater position', () => {
    fc.assert(
      fc.property(places, places, (a, b) => {
        const order = Math.sign(a.ledger - b.ledger || a.entry - b.entry || a.batchIndex - b.batchIndex);
        expect(Math.sign(numberPlace(a) - numberPlace(b))).toBe(order);
      }),
    );
  });

  it('the first message of all has a position that is not negative', () => {
    expect(numberPlace({ ledger: 0, entry: 0, batchIndex: -1 })).toBe(0);
  });

  it('a place beyond the numbers is refused, not mistaken for another', () => {
    for (const place of [
      { ledger: 2 ** 26, entry: 0, batchIndex: 0 },
      { ledger: 0, entry: 2 ** 22, batchIndex: 0 },
      { ledger: 0, entry: 0, batchIndex: 32 },
    ])
      expect(() => numberPlace(place)).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  });

  it('a message id of Pulsar is read, with what it carries besides', () => {
    // Ledger 300, entry 7, partition 2, batch index 5, a set of acks, batch size 10.
    const bytes = Uint8Array.from([8, 0xac, 2, 16, 7, 24, 2, 32, 5, 42, 2, 1, 1, 48, 10]);
    expect(parseMessageId(bytes)).toEqual({ ledger: 300, entry: 7, batchIndex: 5 });
    expect(parseMessageId(writeMessageId(300, 7))).toEqual({ ledger: 300, entry: 7, batchIndex: -1 });
  });

  it('the place before the first entry is written as Pulsar writes it', () => {
    expect([...writeMessageId(3, -1)]).toEqual([8, 3, 16, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
  });

  it('what is no message id is refused', () => {
    for (const bytes of [[], [8, 0x80], [8, 1], [13, 0, 0, 0, 0]])
      expect(() => parseMessageId(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  });
});
