// The bucket: what lies where in it, and how long, in one place for the deployment, the adapter and the tests.

/** Values that the engine put, by their SHA-256: payloads, large commits, segments. */
export const PAYLOADS = 'payloads/';
/** Values that functions put by themselves under a grant, by their SHA-256. Apart, so that no function can write over the engine's. */
export const GRANTED = 'granted/';
/** Archived runs, by name. */
export const ARCHIVE = 'archive/';

/** One rule of the bucket's lifecycle, as plain data. */
export interface LifecycleRule {
  readonly prefix: string;
  /** Deleted this long after it was put last, days. */
  readonly expireAfterDays?: number;
  /** Moved to Glacier Instant Retrieval after so many days, if larger than so many bytes. */
  readonly coolAfterDays?: number;
  readonly coolAboveBytes?: number;
}

/** How long things are kept, days. */
export interface BucketRetention {
  /** Longer than the longest run: values are deleted by age only (rule 20). */
  readonly payloadDays: number;
  /** Archives are kept for ever when it is absent. */
  readonly archiveDays?: number;
}

/** What holds when nothing is set. */
export const defaultRetention: BucketRetention = { payloadDays: 400 };

const COOL_AFTER_DAYS = 30;
/** Glacier Instant Retrieval bills 128 KB at least, and a move costs as much as four puts: small archives are cheaper where they are. */
const COOL_ABOVE_BYTES = 256 * 1024;

/** Aborted uploads and replaced values go after so many days. */
export const LEFTOVER_DAYS = 2;

/** The rules of the bucket's lifecycle. */
export const listLifecycleRules = ({ payloadDays, archiveDays }: BucketRetention): readonly LifecycleRule[] => [
  { prefix: PAYLOADS, expireAfterDays: payloadDays },
  { prefix: GRANTED, expireAfterDays: payloadDays },
  {
    prefix: ARCHIVE,
    coolAfterDays: COOL_AFTER_DAYS,
    coolAboveBytes: COOL_ABOVE_BYTES,
    ...(archiveDays !== undefined && { expireAfterDays: archiveDays }),
  },
];
