// What the journal's files look like: their names, their first bytes, the types of records, and places in them.
import type { RecordBuffer } from './record-buffer.ts';

/** Types of journal records; a number never changes its meaning. */
export const RECORD = {
  group: 1,
  topic: 2,
  subscription: 3,
  message: 4,
  streamAcks: 5,
  queueAcks: 6,
  partition: 7,
  commit: 8,
  prune: 9,
  claim: 10,
  dropClaims: 11,
  putTimer: 12,
  removeTimer: 13,
} as const;

/** Where a record lies: segment and offset in one number, greater is later; and its whole length in bytes. */
export interface Placed {
  readonly place: number;
  readonly length: number;
}

const SEGMENT_STEP = 2 ** 32;

export const makePlace = (segment: number, offset: number): number => segment * SEGMENT_STEP + offset;
export const segmentOf = (place: number): number => Math.floor(place / SEGMENT_STEP);
export const offsetOf = (place: number): number => place % SEGMENT_STEP;

/** First bytes of every segment: a name with the format's version, the segment's number, where the one before it ends. */
export const SEGMENT_HEADER_BYTES = 24;
const SEGMENT_MAGIC = 'SQJRNL02';

export const makeSegmentHeader = (segment: number, previousEnd: number): Buffer => {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.write(SEGMENT_MAGIC, 'latin1');
  bytes.writeDoubleLE(segment, 8);
  bytes.writeDoubleLE(previousEnd, 16);
  return bytes;
};

/** Where the segment before ends, if `bytes` begin as the segment of that number does. */
export const readSegmentHeader = (bytes: Buffer, segment: number): { previousEnd: number } | undefined => {
  const previousEnd = bytes.length < SEGMENT_HEADER_BYTES ? 0 : bytes.readDoubleLE(16);
  return bytes.subarray(0, SEGMENT_HEADER_BYTES).equals(makeSegmentHeader(segment, previousEnd)) ? { previousEnd } : undefined;
};

export const nameSegment = (segment: number): string => `${String(segment).padStart(8, '0')}.journal`;

/** Number of the segment of that file name, if it is one. */
export const parseSegmentName = (name: string): number | undefined =>
  /^\d{8,}\.journal$/.test(name) ? Number.parseInt(name, 10) : undefined;

/** Every group begins with this mark and its own place: found behind a broken record, it proves that the record had been synced. */
export const GROUP_MAGIC = 'SQGROUP1';

export const writeGroupMark =
  (place: number) =>
  (payload: RecordBuffer): void => {
    payload.addText(GROUP_MAGIC);
    payload.addNumber(place);
  };
