// Proves that large values travel by name: resolved before a function sees them, put before an answer names them.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putPayload } from '../../../../src/adapters/payload-transfer/put-payload.ts';
import { readPayload } from '../../../../src/adapters/payload-transfer/read-payload.ts';
import { putDecided, readEvents } from '../../../../src/adapters/payload-transfer/transfer-events.ts';
import { INLINE_LIMIT_BYTES } from '../../../../src/protocol/limits.ts';
import type { Payload } from '../../../../src/protocol/payload.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-payloads-'));
});
afterEach(() => rm(folder, { recursive: true }));

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
const linkOf = (value: unknown): { link: { sha256: string; bytes: number } } => {
  const text = JSON.stringify(value);
  return { link: { sha256: sha256Of(text), bytes: Buffer.byteLength(text) } };
};
const readJson = (text: string): unknown => JSON.parse(text);
const grant = () => ({ url: pathToFileURL(folder).href, fields: {} });
const large = { text: 'é'.repeat(INLINE_LIMIT_BYTES / 2) };
const readPut = (sha256: string): Promise<string> => readFile(join(folder, sha256), 'utf8');

describe('reading a payload', () => {
  it('that is inline answers it as it is', async () => {
    const payload: Payload = { json: { link: { sha256: 'of the author' } } };
    expect(await readPayload(payload, {})).toBe(payload);
    expect(await readPayload({}, {})).toEqual({});
  });

  it('by a link reads the place that the request names', async () => {
    const payload = linkOf(large);
    const file = join(folder, 'value');
    await writeFile(file, JSON.stringify(large));
    expect(await readPayload(payload, { [payload.link.sha256]: pathToFileURL(file).href })).toEqual({ json: large });
    const inUrl = linkOf([1, 2]);
    expect(await readPayload(inUrl, { [inUrl.link.sha256]: `data:application/json,${encodeURIComponent('[1,2]')}` })).toEqual({
      json: [1, 2],
    });
  });

  it('that is not what its name says is as good as missing', async () => {
    const payload = linkOf('what was put');
    const links = { [payload.link.sha256]: 'data:,"what%20another%20put"' };
    await expect(readPayload(payload, links)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
  });

  it('by a link to a server reads it there, and never tells what signs the address', async () => {
    const server = createServer((request, response) =>
      request.url?.startsWith('/there') === true ? response.end('{"from":"afar"}') : response.writeHead(404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const payload = linkOf({ from: 'afar' });
    try {
      expect(await readPayload(payload, { [payload.link.sha256]: `${base}/there?signature=secret` })).toEqual({ json: { from: 'afar' } });
      const missing = readPayload(payload, { [payload.link.sha256]: `${base}/gone?signature=secret` });
      await expect(missing).rejects.toMatchObject({ code: 'PAYLOAD_MISSING', message: expect.not.stringContaining('secret') });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('that nobody can find says so', async () => {
    const payload = linkOf('x');
    await expect(readPayload(payload, {})).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
    const nowhere = pathToFileURL(join(folder, 'nowhere')).href;
    await expect(readPayload(payload, { [payload.link.sha256]: nowhere })).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
  });
});

describe('putting a payload', () => {
  it('over the inline limit leaves the whole value under its name, and nothing else', async () => {
    const put = await putPayload({ json: large }, grant());
    expect(put).toEqual(linkOf(large));
    const { sha256 } = linkOf(large).link;
    expect(JSON.parse(await readPut(sha256))).toEqual(large);
    expect(await readdir(folder)).toEqual([sha256]);
  });

  it('through a form fills in its name, and goes on when the place is overloaded or gone for a moment', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(Buffer.concat(chunks).toString());
        if (seen.length === 1) request.socket.destroy();
        else response.writeHead(seen.length === 2 ? 503 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    try {
      const { link } = linkOf(large);
      const fields = { key: 'granted/{sha256}', checksum: '{sha256:base64}' };
      expect(await putPayload({ json: large }, { url, fields })).toEqual({ link });
      expect(seen.length).toBe(3);
      expect(seen[2]).toContain(`granted/${link.sha256}`);
      expect(seen[2]).toContain(Buffer.from(link.sha256, 'hex').toString('base64'));
      expect(seen[2]).toContain(JSON.stringify(large));
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('that is refused is said so at once', async () => {
    let posts = 0;
    const server = createServer((request, response) => {
      posts++;
      request.resume().on('end', () => response.writeHead(403).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    try {
      await expect(putPayload({ json: large }, { url, fields: {} })).rejects.toMatchObject({ code: 'STORE_FAILED' });
      expect(posts).toBe(1);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('twice is harmless', async () => {
    await putPayload({ json: large }, grant());
    expect(await putPayload({ json: large }, grant())).toEqual(linkOf(large));
  });

  it('up to the inline limit, in bytes, leaves it inline', async () => {
    const exact = 'x'.repeat(INLINE_LIMIT_BYTES - 2);
    expect(await putPayload({ json: exact }, grant())).toEqual({ json: exact });
    expect(await putPayload({ json: `${exact}x` }, grant())).toHaveProperty('link');
  });

  it.each([
    ['without a grant', undefined],
    ['into a store in memory', { url: 'memory:', fields: {} }],
  ])('%s leaves it inline', async (_, given) => {
    expect(await putPayload({ json: large }, given)).toEqual({ json: large });
  });
});

describe('a decision', () => {
  const started = (input: Payload) => ({ type: 'RunStarted', number: 1, at: 0, input, tags: { link: 'a tag' } });

  it('is asked with every payload inline, also of signals that were not read yet', async () => {
    const payload = linkOf('big');
    const links = { [payload.link.sha256]: 'data:,"big"' };
    const run = {
      run: 'r',
      events: [started(payload), { type: 'RunContinued', number: 2, at: 0, input: {}, signals: [{ signal: 's', value: payload }] }],
    };
    expect(readJson(await readEvents(JSON.stringify(run), links))).toMatchObject({
      events: [{ input: { json: 'big' } }, { signals: [{ value: { json: 'big' } }] }],
    });
  });

  it('answers large values by name, and leaves what an author calls a link alone', async () => {
    const events = [
      { type: 'StatusSet', number: 2, at: 0, status: { link: { sha256: 'of the author' } } },
      { type: 'JobScheduled', number: 3, at: 0, input: { json: large } },
    ];
    const answer = readJson(await putDecided(JSON.stringify({ kind: 'decided', more: false, events }), grant()));
    expect(answer).toMatchObject({ events: [events[0], { ...events[1], input: linkOf(large) }] });
    expect(JSON.parse(await readPut(linkOf(large).link.sha256))).toEqual(large);
  });

  it('that is small is passed on untouched', async () => {
    const text = '{"kind":"decided", "more":false,"events":[]}';
    expect(await putDecided(text, grant())).toBe(text);
  });
});
