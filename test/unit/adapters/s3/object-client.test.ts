// Proves what signed links and forms say of themselves: for which object, until when, and nothing that is secret. Signing asks nobody.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createObjectClient, type ObjectClient } from '../../../../src/adapters/s3/object-client.ts';

const NOW = Date.parse('2026-03-02T09:30:15Z');
const STAMP = '20260302T093015Z';

let client: ObjectClient;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'not-to-be-told' };
  client = createObjectClient({ bucket: 'values', region: 'eu-west-1', credentials });
});
afterEach(() => {
  vi.useRealTimers();
  client.close();
});

describe('a link', () => {
  it.each([60, 300, 3_600])('that is to last %i s says so, from when it was made', async (seconds) => {
    const { searchParams } = new URL(await client.signLink('payloads/abc', seconds));
    expect([searchParams.get('X-Amz-Expires'), searchParams.get('X-Amz-Date')]).toEqual([String(seconds), STAMP]);
  });

  it('names one object of one bucket, and tells no secret', async () => {
    const url = new URL(await client.signLink('payloads/abc', 60));
    expect(`${url.host}${url.pathname}`).toBe('values.s3.eu-west-1.amazonaws.com/payloads/abc');
    expect(url.href).not.toContain('not-to-be-told');
  });
});

describe('a form', () => {
  const policySchema = z.object({ expiration: z.string(), conditions: z.array(z.unknown()) });
  const sign = async (validSeconds: number) => {
    const { fields } = await client.signForm({ prefix: 'granted/', mostBytes: 1_000, validSeconds });
    return { fields, policy: policySchema.parse(JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString())) };
  };

  it.each([60, 300, 3_600])('that is to last %i s says so, as the time when it ends', async (seconds) => {
    const { fields, policy } = await sign(seconds);
    expect(Date.parse(policy.expiration)).toBe(NOW + seconds * 1_000);
    expect(fields['X-Amz-Date']).toBe(STAMP);
  });

  it('binds what is put to a prefix and a size, and tells no secret', async () => {
    const { fields, policy } = await sign(60);
    expect(policy.conditions).toContainEqual(['starts-with', '$key', 'granted/']);
    expect(policy.conditions).toContainEqual(['content-length-range', 0, 1_000]);
    expect(JSON.stringify(fields)).not.toContain('not-to-be-told');
  });
});
