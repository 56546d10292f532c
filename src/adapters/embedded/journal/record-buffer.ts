// Builds journal records in one growing buffer, so that a group of them reaches the file in a single write.
import { crc32 } from 'node:zlib';

/** Bytes before a record's payload: payload length, CRC-32 of type and payload, type. */
export const RECORD_HEADER_BYTES = 9;

/** A growing run of records. */
export class RecordBuffer {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that are held, written or not. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** What was written; it shares memory with this buffer. */
  view(from = 0, to: number = this.#length): Buffer {
    return this.#bytes.subarray(from, to);
  }

  /** Forgets what was written from `length` on. */
  cutTo(length: number): void {
    this.#length = length;
  }

  /** Adds a whole record; `write` adds its payload. Nothing is added when `write` throws. */
  addRecord(type: number, write: (payload: RecordBuffer) => void): void {
    const start = this.#length;
    this.#reserve(RECORD_HEADER_BYTES);
    this.#length = start + RECORD_HEADER_BYTES;
    try {
      write(this);
    } catch (error) {
      this.#length = start;
      throw error;
    }
    const bytes = this.#bytes;
    bytes[start + 8] = type;
    bytes.writeUInt32LE(this.#length - start - RECORD_HEADER_BYTES, start);
    bytes.writeUInt32LE(crc32(bytes.subarray(start + 8, this.#length)), start + 4);
  }

  /** Adds bytes as they are. */
  addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  addByte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** Adds an integer from 0 to 2^32 - 1. */
  addInteger(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  addNumber(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  addText(text: string): void {
    this.#reserve(4 + text.length * 3);
    const written = this.#bytes.write(text, this.#length + 4, 'utf8');
    this.#bytes.writeUInt32LE(written, this.#length);
    this.#length += 4 + written;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
