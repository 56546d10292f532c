// Links and grants on a server of S3 that holds them to what they say: good for their time, for their place, and for nothing else.
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { putPayload } from '../../src/adapters/payload-transfer/put-payload.ts';
import { readPayload } from '../../src/adapters/payload-transfer/read-payload.ts';
import { createObjectClient, type ObjectClient } from '../../src/adapters/s3/object-client.ts';
import { createS3PayloadStore, type S3PayloadStore } from '../../src/adapters/s3/s3-payload-store.ts';
import type { Payload, PayloadLink } from '../../src/protocol/payload.ts';
import { makeName } from '../contract/harness.ts';
import { findS3Proxy } from '../support/s3/start-s3proxy.ts';

const s3 = await findS3Proxy();
const CALL = { timeoutMs: 30_000, run: 'run' };
const MINUTE_MS = 60_000;

describe.skipIf(s3.missing !== '')(`links and grants on a server that enforces them${s3.missing}`, () => {
  let client: ObjectClient;
  let store: S3PayloadStore;
  beforeAll(() => {
    client = createObjectClient(s3.use().place);
    store = createS3PayloadStore({ client, clock: systemClock });
  });
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    client.close();
    await s3.use().stop();
  });

  const makeValue = () => ({ text: makeName('value').repeat(10_000) });
  const put = (value: unknown): Promise<PayloadLink> => store.put(JSON.stringify(value), CALL);
  /** What our code makes when its clock is so much behind; nothing is sent meanwhile. */
  const makeEarlier = async <T>(minutes: number, make: () => Promise<T>): Promise<T> => {
    vi.useFakeTimers({ now: Date.now() - minutes * MINUTE_MS, toFake: ['Date'] });
    try {
      return await make();
    } finally {
      vi.useRealTimers();
    }
  };
  const read = (link: PayloadLink, url: string): Promise<Payload> => readPayload({ link }, { [link.sha256]: url });
  const refused = { code: 'PAYLOAD_MISSING', message: expect.stringContaining('it answered 403') as string };

  it('a link is good for an hour, and not a minute longer', async () => {
    const value = makeValue();
    const link = await put(value);
    for (const minutes of [0, 58]) {
      const url = await makeEarlier(minutes, () => store.makeLink(link, CALL));
      expect(await read(link, url)).toEqual({ json: value });
    }
    const late = await makeEarlier(61, () => store.makeLink(link, CALL));
    await expect(read(link, late)).rejects.toMatchObject(refused);
    expect(await (await fetch(late)).text()).toContain('Request has expired');
  });

  it('a link that is stretched, or bent to another value, is refused', async () => {
    const [link, other] = [await put(makeValue()), await put(makeValue())];
    const url = await makeEarlier(61, () => store.makeLink(link, CALL));
    await expect(read(link, url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=36000'))).rejects.toMatchObject(refused);
    const good = await store.makeLink(link, CALL);
    await expect(read(other, good.replace(link.sha256, other.sha256))).rejects.toMatchObject(refused);
  });

  it('a link reads, and does nothing else', async () => {
    const value = makeValue();
    const link = await put(value);
    const url = await store.makeLink(link, CALL);
    for (const method of ['PUT', 'DELETE']) expect((await fetch(url, { method })).status).toBe(403);
    expect(await read(link, url)).toEqual({ json: value });
  });

  it('nobody reads without a link', async () => {
    const link = await put(makeValue());
    const url = new URL(await store.makeLink(link, CALL));
    url.search = '';
    await expect(read(link, url.href)).rejects.toMatchObject(refused);
  });

  it('a grant is good for an hour, and not a minute longer', async () => {
    const json = makeValue();
    for (const minutes of [0, 58]) {
      const grant = await makeEarlier(minutes, () => store.makeGrant(CALL));
      const made = await putPayload({ json: { ...json, minutes } }, grant);
      if (!('link' in made)) throw new Error('It was answered inline.');
      expect(JSON.parse(await store.get(made.link, CALL))).toEqual({ ...json, minutes });
    }
    const late = await makeEarlier(61, () => store.makeGrant(CALL));
    await expect(putPayload({ json }, late)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('it answered 403') as string,
    });
  });

  it('a grant puts below its prefix and up to its size, and nowhere else', async () => {
    const post = async (key: string, bytes: Uint8Array<ArrayBuffer>): Promise<number> => {
      const { url, fields } = await client.signForm({ prefix: 'granted/', mostBytes: 100, validSeconds: 60 });
      const form = new FormData();
      const checksum = createHash('sha256').update(bytes).digest('base64');
      for (const [name, value] of Object.entries({ ...fields, key, 'x-amz-checksum-sha256': checksum })) form.append(name, value);
      form.append('file', new Blob([bytes]), 'value');
      return (await fetch(url, { method: 'POST', body: form })).status;
    };
    const name = makeName('value');
    expect(await post(`granted/${name}`, Buffer.alloc(100))).toBe(204);
    expect(await post(`payloads/${name}`, Buffer.alloc(100))).toBe(403);
    expect(await post(`granted/${name}-large`, Buffer.alloc(101))).toBeGreaterThanOrEqual(400);
    expect(await client.has(`payloads/${name}`, { ...CALL, operation: 'test' })).toBe(false);
    expect(await client.has(`granted/${name}-large`, { ...CALL, operation: 'test' })).toBe(false);
  });
});
