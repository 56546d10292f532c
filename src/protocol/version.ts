// The version of every word on the wire: the newest that this release reads, and writes unless it is told to write an older one (rule 7).

/** Newest version that this release reads, and that its manifests say: its functions read as much. */
export const PROTOCOL_VERSION = 1;

/**
 * Chooses the version to speak to a function in: functions stay as they were deployed, so never a newer one than theirs.
 *
 * @param manifest - of the deployment that the function belongs to
 * @param writeVersion - what the connector writes
 * @example
 * chooseFunctionVersion({ v: 1 }, 2); // 1
 */
export const chooseFunctionVersion = (manifest: { readonly v: number }, writeVersion: number): number => Math.min(manifest.v, writeVersion);
