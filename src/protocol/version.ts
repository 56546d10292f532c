// The version of every word on the wire: what this release writes, and the newest it can read (rule 7).

/** Version stamped on every message, commit and manifest that this release writes. */
export const PROTOCOL_VERSION = 1;
