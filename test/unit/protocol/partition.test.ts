// Proves that a key lands on the partition on which Pulsar's own clients put it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPartition, hashKey } from '../../../src/protocol/partition.ts';

describe('the hash of a key', () => {
  // From the tests of Pulsar's clients: tests/HashTest.cc (C++, "same value as Java client") and pulsar/internal/hash_test.go (Go).
  it.each([
    ['', 0],
    ['k1', 2110152746],
    ['k2', 1479966664],
    ['key1', 462881061],
    ['key2', 1936800180],
    ['key01', 39696932],
    ['key02', 751761803],
    ['hello', 0x248bfa47],
    ['test', 0x3a6bd213],
  ])('of "%s" is the one that Murmur3_32Hash answers', (key, hash) => {
    expect(hashKey(key)).toBe(hash);
  });

  it('is taken of the UTF-8 bytes, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const text = key.toWellFormed();
        expect(hashKey(text)).toBe(hashKey(new TextDecoder().decode(new TextEncoder().encode(text))));
      }),
    );
  });

  it('is never negative, and a whole number of 31 bits', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(hashKey(key)).toBe(hashKey(key) & 0x7fffffff);
      }),
    );
  });
});

describe('the partition of a key', () => {
  it('is one of those that there are', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1024 }), (key, partitions) => {
        expect(findPartition(key, partitions)).toBeGreaterThanOrEqual(0);
        expect(findPartition(key, partitions)).toBeLessThan(partitions);
      }),
    );
  });

  it('of run ids in a row spreads over all of 64', () => {
    const used = new Set(Array.from({ length: 2000 }, (_, index) => findPartition(`order-${index}`, 64)));
    expect(used.size).toBe(64);
  });
});
