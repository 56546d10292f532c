// Key -> partition, the same for every producer, so that a run lives on one partition (rule 4).

const encoder = new TextEncoder();

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const mix = (k: number): number => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);

/** MurmurHash3 x86 32-bit with seed 0 over the UTF-8 bytes, sign bit cleared: what Pulsar's `Murmur3_32Hash` answers. */
export const hashKey = (key: string): number => {
  const bytes = encoder.encode(key);
  const whole = bytes.length - (bytes.length % 4);
  const view = new DataView(bytes.buffer);
  let hash = 0;
  for (let i = 0; i < whole; i += 4) hash = (Math.imul(rotate(hash ^ mix(view.getInt32(i, true)), 13), 5) + 0xe6546b64) | 0;
  let tail = 0;
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | (bytes[i] ?? 0);
  if (bytes.length > whole) hash ^= mix(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x7fffffff;
};

/**
 * The partition that a key lives on.
 *
 * @param key - the run id, for `inbox` and `history`
 * @param partitions - how many there are
 * @see https://pulsar.apache.org/docs/4.0.x/concepts-messaging/#ordering-guarantee
 */
export const findPartition = (key: string, partitions: number): number => hashKey(key) % partitions;
