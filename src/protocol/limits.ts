// How large things may be.

/** Above this many bytes of JSON a value travels as a link (rule 20). */
export const INLINE_LIMIT_BYTES = 64 * 1024;

/** The largest value that is taken at all. */
export const PAYLOAD_LIMIT_BYTES = 32 * 1024 * 1024;

/** Length of a tenant's data key, bytes: AES-256. */
export const DATA_KEY_BYTES = 32;
