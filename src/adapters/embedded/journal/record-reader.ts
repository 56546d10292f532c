// Reads journal records back: finds where they begin and end, checks them, and takes their payloads apart.
import { crc32 } from 'node:zlib';
import { RECORD_HEADER_BYTES } from './record-buffer.ts';

/**
 * Length of the whole record at `offset`, or 0 when there is no sound one.
 *
 * @param bytes - part of a segment
 * @param offset - where the record begins in `bytes`
 */
export const measureRecord = (bytes: Buffer, offset: number): number => {
  if (offset + RECORD_HEADER_BYTES > bytes.length) return 0;
  const length = RECORD_HEADER_BYTES + bytes.readUInt32LE(offset);
  if (offset + length > bytes.length) return 0;
  return crc32(bytes.subarray(offset + 8, offset + length)) === bytes.readUInt32LE(offset + 4) ? length : 0;
};

/** Type of the record at `offset`. */
export const readRecordType = (bytes: Buffer, offset: number): number => bytes.readUInt8(offset + 8);

/** Takes a payload apart, in the order in which it was written. */
export class RecordReader {
  #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, recordOffset = 0) {
    this.#bytes = bytes;
    this.#offset = recordOffset + RECORD_HEADER_BYTES;
  }

  /** Goes on with another record. */
  moveTo(bytes: Buffer, recordOffset: number): this {
    this.#bytes = bytes;
    this.#offset = recordOffset + RECORD_HEADER_BYTES;
    return this;
  }

  takeByte(): number {
    const value = this.#bytes.readUInt8(this.#offset);
    this.#offset += 1;
    return value;
  }

  takeInteger(): number {
    const value = this.#bytes.readUInt32LE(this.#offset);
    this.#offset += 4;
    return value;
  }

  takeNumber(): number {
    const value = this.#bytes.readDoubleLE(this.#offset);
    this.#offset += 8;
    return value;
  }

  takeText(): string {
    const from = this.#offset + 4;
    this.#offset = from + this.#bytes.readUInt32LE(this.#offset);
    return this.#bytes.toString('utf8', from, this.#offset);
  }

  /** All bytes of the record that were not taken yet; `bytes` given at the beginning must end with it. */
  takeRest(): Buffer {
    return this.#bytes.subarray(this.#offset);
  }

  skipText(): void {
    this.#offset += 4 + this.#bytes.readUInt32LE(this.#offset);
  }
}
