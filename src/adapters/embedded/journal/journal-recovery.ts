// Brings the journal back at open: reads every record in order, cuts off what a power cut tore, and refuses what is broken.
import { join } from 'node:path';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import { readWholeFile, type FileLayer } from '../files/file-layer.ts';
import {
  GROUP_MAGIC,
  readSegmentHeader,
  makePlace,
  nameSegment,
  parseSegmentName,
  RECORD,
  SEGMENT_HEADER_BYTES,
  type Placed,
} from './journal-format.ts';
import { RECORD_HEADER_BYTES } from './record-buffer.ts';
import { measureRecord, readRecordType, RecordReader } from './record-reader.ts';

/** Takes a record that was read. */
export type ReplayRecord = (type: number, payload: RecordReader, placed: Placed) => void;

/** What was found. */
export interface RecoveredJournal {
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** Where the last segment goes on; 0 when it has to be begun. */
  readonly end: number;
  /** Where each of the segments before the last ends. */
  readonly ends: ReadonlyMap<number, number>;
}

/** What the recovery works on. */
export interface RecoveryOptions {
  readonly layer: FileLayer;
  readonly folder: string;
  readonly replay: ReplayRecord;
  readonly report: (error: unknown, doing: string) => void;
}

const breakAt = (path: string, offset: number, why: string): StarquakeError =>
  new StarquakeError('DATA_CORRUPT', `The file ${path} cannot be read at offset ${offset}: ${why}.`);

/** Whether a sound group begins behind `offset`: groups are written one after another, so all before it was synced. */
const hasGroupBehind = (bytes: Buffer, offset: number, segment: number): boolean => {
  for (let at = bytes.indexOf(GROUP_MAGIC, offset); at >= 0; at = bytes.indexOf(GROUP_MAGIC, at + 1)) {
    const start = at - 4 - RECORD_HEADER_BYTES;
    if (start < offset || measureRecord(bytes, start) === 0 || readRecordType(bytes, start) !== RECORD.group) continue;
    const payload = new RecordReader(bytes, start);
    payload.skipText();
    if (payload.takeNumber() === makePlace(segment, start)) return true;
  }
  return false;
};

/** Replays one segment's records; answers the offset of the first byte that is no sound record. */
const replaySegment = (bytes: Buffer, segment: number, replay: ReplayRecord): number => {
  if (readSegmentHeader(bytes, segment) === undefined) return 0;
  const payload = new RecordReader(bytes);
  let offset = SEGMENT_HEADER_BYTES;
  for (let length = measureRecord(bytes, offset); length > 0; length = measureRecord(bytes, offset)) {
    const type = readRecordType(bytes, offset);
    if (type !== RECORD.group) replay(type, payload.moveTo(bytes, offset), { place: makePlace(segment, offset), length });
    offset += length;
  }
  return offset;
};

const listSegments = async ({ layer, folder }: RecoveryOptions): Promise<readonly number[]> => {
  const names = await layer.list(folder);
  const segments = names.map(parseSegmentName).filter((segment) => segment !== undefined);
  segments.sort((a, b) => a - b);
  for (const [index, segment] of segments.entries()) {
    const expected = (segments[0] ?? 0) + index;
    if (segment !== expected) throw breakAt(join(folder, nameSegment(expected)), 0, 'the file is missing');
  }
  return segments;
};

/** Whether there is nothing but reserved room from `offset` on. */
const isRoom = (bytes: Buffer, offset: number): boolean => offset > 0 && bytes.subarray(offset).equals(Buffer.alloc(bytes.length - offset));

/** Replays one file of the journal; answers where it ends. */
const recoverSegment = async (
  options: RecoveryOptions,
  segment: number,
  isLast: boolean,
  ends: ReadonlyMap<number, number>,
): Promise<number> => {
  const path = join(options.folder, nameSegment(segment));
  const bytes = (await readWholeFile(options.layer, path)) ?? Buffer.alloc(0);
  const previousEnd = ends.get(segment - 1);
  const expectedEnd = readSegmentHeader(bytes, segment)?.previousEnd ?? previousEnd;
  if (previousEnd !== undefined && expectedEnd !== previousEnd) {
    throw breakAt(join(options.folder, nameSegment(segment - 1)), previousEnd, 'the records that were there are gone');
  }
  const end = replaySegment(bytes, segment, options.replay);
  if (isRoom(bytes, end)) return end;
  if (!isLast || hasGroupBehind(bytes, end, segment)) throw breakAt(path, end, 'the record there does not match its checksum');
  const torn = new StarquakeError(
    'DATA_TORN',
    `The last record of ${path} was cut off at offset ${end}: it was not written whole, and never answered.`,
  );
  options.report(torn, 'opening the data folder');
  return end;
};

/**
 * Replays the journal's folder.
 *
 * @throws DATA_CORRUPT when a record that had been synced cannot be read
 */
export const recoverJournal = async (options: RecoveryOptions): Promise<RecoveredJournal> => {
  const segments = await listSegments(options);
  const lastSegment = segments.at(-1) ?? 1;
  const ends = new Map<number, number>();
  let end = 0;
  for (const segment of segments) {
    end = await recoverSegment(options, segment, segment === lastSegment, ends);
    if (segment !== lastSegment) ends.set(segment, end);
  }
  return { firstSegment: segments[0] ?? 1, lastSegment, end, ends };
};
