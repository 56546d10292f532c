// What every payload store promises; each adapter runs this suite.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putPayload } from '../../src/adapters/payload-transfer/put-payload.ts';
import { readPayload } from '../../src/adapters/payload-transfer/read-payload.ts';
import type { PayloadStore } from '../../src/ports/payload-store.ts';
import { CALL as PLAIN_CALL, makeName, type Harness, type OpenHarness } from './harness.ts';

/** Values belong to a run. */
const CALL = { ...PLAIN_CALL, run: 'run-1' };
const LARGE = JSON.stringify({ text: 'größer '.repeat(20_000) });

const describeValues = (use: () => Harness<PayloadStore>, isSealed: boolean): void => {
  it('a value is named by the SHA-256 of its text, and its length in bytes', async (test) => {
    // A sealed one is named by what is stored, so that no two tenants share a value.
    if (isSealed) return test.skip();
    const link = await use().port.put(LARGE, CALL);
    expect(link).toEqual({ sha256: createHash('sha256').update(LARGE).digest('hex'), bytes: Buffer.byteLength(LARGE) });
  });

  it('a value comes back as it was put', async () => {
    const { port } = use();
    expect(await port.get(await port.put(LARGE, CALL), CALL)).toBe(LARGE);
    expect(await port.get(await port.put('""', CALL), CALL)).toBe('""');
  });

  it('the same value may be put again, also many times at once', async () => {
    const { port } = use();
    const text = JSON.stringify(makeName('value'));
    const links = await Promise.all(Array.from({ length: 8 }, () => port.put(text, CALL)));
    links.push(await port.put(text, CALL));
    for (const link of links) expect(link).toEqual(links[0]);
    expect(await port.get(await port.put(text, CALL), CALL)).toBe(text);
  });

  it('a value that was never put is missing', async () => {
    const sha256 = createHash('sha256').update(makeName('value')).digest('hex');
    await expect(use().port.get({ sha256, bytes: 10 }, CALL)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
  });

  it('a link names a place that can be read, and a grant one that can be put to', async () => {
    const { port } = use();
    const link = await port.put(JSON.stringify(makeName('value')), CALL);
    expect(URL.canParse(await port.makeLink(link, CALL))).toBe(true);
    expect((await port.makeGrant(CALL)).url).not.toBe('');
  });
};

const describeTransfer = (use: () => Harness<PayloadStore>): void => {
  it("a function's entry point reads a value at its link", async () => {
    const { port } = use();
    const link = await port.put(LARGE, CALL);
    const links = { [link.sha256]: await port.makeLink(link, CALL) };
    expect(await readPayload({ link }, links)).toEqual({ json: JSON.parse(LARGE) });
  });

  it("what a function's entry point puts under a grant is a value like any other", async (test) => {
    const { port } = use();
    const json = { text: makeName('value').repeat(10_000) };
    const put = await putPayload({ json }, await port.makeGrant(CALL));
    // A store in memory takes nothing from outside: the value is answered inline.
    if (!('link' in put)) return test.skip();
    const { link } = put;
    expect(JSON.parse(await port.get(link, CALL))).toEqual(json);
    expect(await readPayload(put, { [link.sha256]: await port.makeLink(link, CALL) })).toEqual({ json });
    expect(await port.put(JSON.stringify(json), CALL)).toEqual(link);
    expect(JSON.parse(await port.get(link, CALL))).toEqual(json);
  });
};

const describeArchives = (use: () => Harness<PayloadStore>): void => {
  it('an archive comes back under its name, and is overwritten under it', async () => {
    const { port } = use();
    const name = `runs/${makeName('run')}/größer`;
    await port.putArchive(name, 'first', CALL);
    expect(await port.getArchive(name, CALL)).toBe('first');
    await port.putArchive(name, LARGE, CALL);
    expect(await port.getArchive(name, CALL)).toBe(LARGE);
  });

  it('an archive that was never put is missing', async () => {
    await expect(use().port.getArchive(makeName('run'), CALL)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
  });

  it('values and archives are there when the store is opened again', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const link = await harness.port.put(LARGE, CALL);
    const name = makeName('run');
    await harness.port.putArchive(name, 'archived', CALL);
    await harness.reopen();
    expect(await harness.port.get(link, CALL)).toBe(LARGE);
    expect(await harness.port.getArchive(name, CALL)).toBe('archived');
  });
};

/**
 * Runs the payload store suite on an adapter.
 *
 * @param name - names the adapter in the report
 * @param open - opens it for one test
 */
export const describePayloadStore = (name: string, open: OpenHarness<PayloadStore>, { isSealed = false } = {}): void => {
  describe(`payload store: ${name}`, () => {
    let harness: Harness<PayloadStore>;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());
    describeValues(() => harness, isSealed);
    describeTransfer(() => harness);
    describeArchives(() => harness);
  });
};
