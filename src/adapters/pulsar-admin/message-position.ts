// A message's place in its partition as one rising number: what the port acks by, and what a reader goes on from in another process.
import { StarquakeError } from '../../protocol/starquake-error.ts';

/** A message's place as Pulsar names it. */
export interface MessagePlace {
  readonly ledger: number;
  readonly entry: number;
  /** Within a batch; -1 where the entry is one message. */
  readonly batchIndex: number;
}

/** Messages that may be published in one batch: more have no position. */
export const LARGEST_BATCH = 2 ** 5;
/** Far more than a ledger gets before the broker closes it, ten minutes at the least after it was opened. */
const MOST_ENTRIES = 2 ** 22;
const MOST_LEDGERS = 2 ** 26;

/**
 * The number of a place. Later places of a partition have greater numbers.
 *
 * @throws STORE_FAILED where the numbers do not suffice
 */
export const numberPlace = ({ ledger, entry, batchIndex }: MessagePlace): number => {
  const index = Math.max(0, batchIndex);
  if (ledger >= MOST_LEDGERS || entry >= MOST_ENTRIES || index >= LARGEST_BATCH) {
    throw new StarquakeError('STORE_FAILED', `A message at ledger ${ledger}, entry ${entry}, batch index ${index} is beyond the numbers.`, {
      hint: `Keep ledgers below ${MOST_ENTRIES} entries (managedLedgerMaxLedgerRolloverTimeMinutes) and batches at ${LARGEST_BATCH} messages.`,
    });
  }
  return (ledger * MOST_ENTRIES + entry) * LARGEST_BATCH + index;
};

/** The place of a number. */
export const findPlace = (position: number): MessagePlace => {
  const entries = Math.floor(position / LARGEST_BATCH);
  return {
    ledger: Math.floor(entries / MOST_ENTRIES),
    entry: entries % MOST_ENTRIES,
    batchIndex: position % LARGEST_BATCH,
  };
};

/** Numbers of the fields in Pulsar's `MessageIdData`. */
const FIELD = { ledger: 1, entry: 2, batchIndex: 4 };
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Reads a varint; answers it with the index of the byte after it. */
const readVarint = (bytes: Uint8Array, from: number): readonly [value: number, next: number] => {
  let value = 0;
  for (let index = from, unit = 1; index < bytes.length; index++, unit *= 0x80) {
    const byte = bytes[index] ?? 0;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return [value, index + 1];
  }
  throw new StarquakeError('STORE_FAILED', 'A message id of Pulsar ends within a number.');
};

/**
 * Reads a serialized message id.
 *
 * @throws STORE_FAILED when it is not one
 */
export const parseMessageId = (bytes: Uint8Array): MessagePlace => {
  const fields = new Map<number, number>();
  for (let index = 0; index < bytes.length;) {
    const [tag, afterTag] = readVarint(bytes, index);
    const [value, next] = readVarint(bytes, afterTag);
    const wireType = tag & 7;
    if (wireType === VARINT) fields.set(tag >>> 3, value);
    else if (wireType !== LENGTH_DELIMITED) throw new StarquakeError('STORE_FAILED', 'A message id of Pulsar has an unknown form.');
    index = wireType === LENGTH_DELIMITED ? next + value : next;
  }
  const [ledger, entry] = [fields.get(FIELD.ledger), fields.get(FIELD.entry)];
  if (ledger === undefined || entry === undefined) throw new StarquakeError('STORE_FAILED', 'A message id of Pulsar names no place.');
  return { ledger, entry, batchIndex: fields.get(FIELD.batchIndex) ?? -1 };
};

const writeVarint = (into: number[], value: bigint): void => {
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    into.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  into.push(Number(rest));
};

/** The serialized message id of a whole entry; -1 stands before the first one. */
export const writeMessageId = (ledger: number, entry: number): Buffer => {
  const bytes: number[] = [];
  writeVarint(bytes, BigInt((FIELD.ledger << 3) | VARINT));
  writeVarint(bytes, BigInt(ledger));
  writeVarint(bytes, BigInt((FIELD.entry << 3) | VARINT));
  writeVarint(bytes, BigInt(entry));
  return Buffer.from(bytes);
};
