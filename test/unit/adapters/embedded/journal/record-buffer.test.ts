// What is written into a record is what is read from it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBuffer } from '../../../../../src/adapters/embedded/journal/record-buffer.ts';
import { measureRecord, readRecordType, RecordReader } from '../../../../../src/adapters/embedded/journal/record-reader.ts';

describe('records', () => {
  it('come back as they were written, one after another, from however small a buffer', () => {
    const record = fc.record({
      type: fc.integer({ min: 1, max: 255 }),
      text: fc.string({ unit: 'binary', maxLength: 300 }),
      integer: fc.nat(),
      number: fc.double({ noNaN: true }),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        const buffer = new RecordBuffer(16);
        for (const { type, text, integer, number, byte } of records) {
          buffer.addRecord(type, (payload) => {
            payload.addText(text);
            payload.addInteger(integer);
            payload.addNumber(number);
            payload.addByte(byte);
          });
        }
        const bytes = buffer.view();
        let offset = 0;
        for (const { type, text, integer, number, byte } of records) {
          const reader = new RecordReader(bytes, offset);
          expect(readRecordType(bytes, offset)).toBe(type);
          expect(reader.takeText()).toBe(text);
          expect(reader.takeInteger()).toBe(integer);
          expect(reader.takeNumber()).toBe(number);
          expect(reader.takeByte()).toBe(byte);
          offset += measureRecord(bytes, offset);
        }
        expect(offset).toBe(bytes.length);
      }),
    );
  });

  it('have no length once any of their bytes is another', () => {
    const buffer = new RecordBuffer(64);
    buffer.addRecord(4, (payload) => payload.addText('a message'));
    const sound = Buffer.from(buffer.view());
    expect(measureRecord(sound, 0)).toBe(sound.length);
    for (let at = 0; at < sound.length; at++) {
      const broken = Buffer.from(sound);
      broken.writeUInt8(broken.readUInt8(at) ^ 0x10, at);
      expect(measureRecord(broken, 0)).toBe(0);
      expect(measureRecord(sound.subarray(0, at), 0)).toBe(0);
    }
  });

  it('leave nothing behind when writing them fails', () => {
    const buffer = new RecordBuffer(64);
    buffer.addRecord(4, (payload) => payload.addText('sound'));
    const { length } = buffer;
    const fail = (): void =>
      buffer.addRecord(4, (payload) => {
        payload.addText('half');
        throw new Error('on purpose');
      });
    expect(fail).toThrow('on purpose');
    expect(buffer.length).toBe(length);
  });
});
