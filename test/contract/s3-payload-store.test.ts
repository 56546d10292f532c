// The payload store on S3 keeps the payload store contract on a stand-in for S3, and its own promises beside.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GRANTED, PAYLOADS } from '../../src/platform/bucket.ts';
import { PAYLOAD_LIMIT_BYTES } from '../../src/protocol/limits.ts';
import { openS3, findS3, type S3Harness } from './s3-harness.ts';
import { describePayloadStore } from './describe-payload-store.ts';
import { CALL, makeName } from './harness.ts';

const s3 = await findS3();
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const OPERATION = { ...CALL, operation: 'test' };

describe.skipIf(s3.missing !== '')(`on a stand-in${s3.missing}`, () => {
  describePayloadStore('s3', () => openS3(s3.use()));
});

describe.skipIf(s3.missing !== '')('payload store: s3, beside the contract', () => {
  let harness: S3Harness;
  beforeEach(async () => {
    harness = await openS3(s3.use());
  });
  afterEach(() => harness.close());

  it('a value that is put is there once, by its hash, whoever loses the answer', async () => {
    s3.use().proxy.inject({ fault: { kind: 'lose-answer' }, times: 2, matches: (method) => method === 'PUT' });
    const text = JSON.stringify(makeName('value'));
    const link = await harness.port.put(text, CALL);
    expect(s3.use().proxy.seen).toEqual(['PUT', 'PUT', 'PUT']);
    expect(await harness.port.get(link, CALL)).toBe(text);
  });

  it('a store that is overloaded is asked again, until the deadline', async () => {
    s3.use().proxy.inject({ fault: { kind: 'fail' }, times: 2, matches: (method) => method === 'PUT' });
    await harness.port.put(JSON.stringify(makeName('value')), CALL);
    s3.use().proxy.inject({ fault: { kind: 'fail' }, matches: () => true });
    await expect(harness.port.put(JSON.stringify(makeName('value')), { timeoutMs: 300 })).rejects.toMatchObject({ code: 'CALL_TIMED_OUT' });
  });

  it('a store that does not answer is given up at the deadline', async () => {
    s3.use().proxy.inject({ fault: { kind: 'hang' }, matches: () => true });
    await expect(harness.port.getArchive('any', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'CALL_TIMED_OUT' });
  });

  it('a value that was put a moment ago is not sent again, an hour later it is, which keeps it young', async () => {
    const text = JSON.stringify(makeName('value'));
    await harness.port.put(text, CALL);
    await harness.port.put(text, CALL);
    expect(s3.use().proxy.seen).toEqual(['PUT']);
    await harness.passTime(3600_000);
    await harness.port.put(text, CALL);
    expect(s3.use().proxy.seen).toEqual(['PUT', 'PUT']);
  });

  it('each request is told, by its operation', async () => {
    const told: string[] = [];
    const call = {
      ...CALL,
      onConsumed: ({ operation, readUnits, writeUnits }: { operation: string; readUnits: number; writeUnits: number }) =>
        void told.push(`${operation} ${readUnits} ${writeUnits}`),
    };
    const link = await harness.port.put(JSON.stringify(makeName('value')), call);
    await harness.port.get(link, call);
    expect(told).toEqual(['s3.putPayload 0 1', 's3.getPayload 1 0']);
  });

  it('what a function put under a wrong name is as good as none, and never hides what the engine put', async () => {
    const text = JSON.stringify(makeName('value'));
    const sha256 = digestOf(text).toString('hex');
    const wrong = JSON.stringify('wrong');
    await harness.client.put(GRANTED + sha256, Buffer.from(wrong), digestOf(wrong).toString('base64'), OPERATION);
    const link = { sha256, bytes: text.length };
    await expect(harness.port.get(link, CALL)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
    await harness.port.put(text, CALL);
    expect(await harness.port.get(link, CALL)).toBe(text);
    expect(await harness.port.makeLink(link, CALL)).toContain(PAYLOADS + sha256);
  });

  it('a link reads one object for a while, and tells no secret', async () => {
    const link = await harness.port.put(JSON.stringify(makeName('value')), CALL);
    const url = new URL(await harness.port.makeLink(link, CALL));
    expect(url.pathname.endsWith(PAYLOADS + link.sha256)).toBe(true);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('3600');
    expect(url.searchParams.get('X-Amz-Signature')).not.toBe('');
    expect(url.href).not.toContain('not-to-be-told');
  });

  it('a grant puts below one prefix, up to the limit of a payload, for a while, by the hash of what is put', async () => {
    const { fields } = await harness.port.makeGrant(CALL);
    const policy = z
      .object({ expiration: z.iso.datetime(), conditions: z.array(z.unknown()) })
      .parse(JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString()));
    expect(policy.conditions).toContainEqual(['starts-with', '$key', GRANTED]);
    // A sealed value of the largest size is as large as this.
    expect(policy.conditions).toContainEqual(['content-length-range', 0, Math.ceil(PAYLOAD_LIMIT_BYTES / 3) * 4 + 1024]);
    expect(policy.conditions).toContainEqual(['starts-with', '$x-amz-checksum-sha256', '']);
    expect(Date.parse(policy.expiration) - Date.now()).toBeLessThanOrEqual(3600_000);
    expect(fields['key']).toBe(`${GRANTED}{sha256}`);
    expect(fields['x-amz-checksum-sha256']).toBe('{sha256:base64}');
    expect(JSON.stringify(fields)).not.toContain('not-to-be-told');
  });
});
