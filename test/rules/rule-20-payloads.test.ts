// Proves rule 20: a large value travels as its name, and is there before its name is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedPayloadStore } from '../../src/adapters/embedded/payloads/embedded-payload-store.ts';
import { makeNodeFileLayer } from '../../src/adapters/embedded/files/node-file-layer.ts';
import { packValue } from '../../src/api/values.ts';
import type { DecisionInput, JobRequest } from '../../src/protocol/functions.ts';
import type { Payload } from '../../src/protocol/payload.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, succeed, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
const CALL = { timeoutMs: 5000 };
const LARGE = 'x'.repeat(70_000);
let folder: string;
let payloads: EmbeddedPayloadStore;
let stage: Stage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'starquake-payloads-'));
  payloads = new EmbeddedPayloadStore(makeNodeFileLayer(), join(folder, 'values'), join(folder, 'archives'));
  await payloads.open();
  stage = await openStage({ app: desk, payloads });
  await stage.connect('owner');
});
afterEach(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

const ended = (run = 'run') =>
  stage.until(async () => (await stage.types(run)).some((type) => type === 'RunCompleted' || type === 'RunFailed'));
const read = async (payload: Payload | undefined): Promise<unknown> =>
  payload && 'link' in payload ? JSON.parse(await payloads.get(payload.link, CALL)) : payload;
const link = { link: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 70_002 } };

describe('Rule 20: payloads', () => {
  it('a value up to 64 KiB travels inline', async () => {
    await stage.start('run', 'one-job', 'x'.repeat(60_000));
    await ended();
    expect((await stage.events('run', 'JobScheduled'))[0]?.input).toEqual({ json: 'x'.repeat(60_000) });
  });

  it('an input over 64 KiB that the API puts is a link in the history, and the value itself for the code', async () => {
    await stage.send({
      ...stage.draftStart('run', 'measure'),
      input: await packValue(payloads, 'run', LARGE),
      inputHash: 'large',
    } as never);
    await ended();
    expect((await stage.events('run', 'RunStarted'))[0]?.input).toEqual(link);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 70_000 });
  });

  it("a job's output over 64 KiB is put by its entry point, and is there before its name is published", async () => {
    let found: Promise<string> | undefined;
    const publish = stage.ports.bus.publish.bind(stage.ports.bus);
    stage.ports.bus.publish = (messages, options) => {
      for (const { body } of messages) {
        const message = JSON.parse(body) as { type?: string; output?: Payload };
        if (message.type === 'JobSucceeded' && message.output && 'link' in message.output) found = payloads.get(message.output.link, CALL);
      }
      return publish(messages, options);
    };
    await stage.start('run', 'one-job', 'x'.repeat(65_520));
    await ended();
    const [succeeded] = await stage.events('run', 'JobSucceeded');
    expect(succeeded?.output).toMatchObject({ link: {} });
    expect(JSON.parse((await found) ?? '')).toMatchObject({ did: 'x'.repeat(65_520) });
  });

  it('what workflow code asks for over 64 KiB is put before the commit that names it, and the job gets the value', async () => {
    await stage.start('run', 'enlarge', 70_000);
    await ended();
    const [scheduled] = await stage.events('run', 'JobScheduled');
    expect(scheduled?.input).toEqual(link);
    expect(await read(scheduled?.input)).toBe(LARGE);
    expect((await stage.events('run', 'RunCompleted'))[0]?.output).toEqual({ json: 70_000 });
    const requests = stage.attempts.map(({ attempt, links }: JobRequest) => [attempt.input, Object.keys(links).length]);
    expect(requests).toEqual([[link, 1]]);
  });

  it('no decision and no message carries the large value itself', async () => {
    stage.jobs['work'] = () => succeed('small');
    await stage.send({
      ...stage.draftStart('run', 'measure'),
      input: await packValue(payloads, 'run', LARGE),
      inputHash: 'large',
    } as never);
    await ended();
    const decided = stage.stepsOf('invoke').filter(({ name }) => name.includes('decision'));
    expect(Math.max(...decided.map(({ payload }) => payload.length))).toBeLessThan(10_000);
    const input = decided.flatMap(({ payload }) =>
      (JSON.parse(payload) as { runs: string[] }).runs.map((text) => JSON.parse(text) as DecisionInput),
    );
    expect(input[0]?.events[0]).toMatchObject({ input: link });
  });

  it('the same value has the same name, whoever puts it', async () => {
    const [one, two] = await Promise.all([packValue(payloads, 'run', LARGE), packValue(payloads, 'run', LARGE)]);
    expect(one).toEqual(two);
    expect(one).toEqual(link);
  });

  it('a value over the limit is refused before anything is put', async () => {
    await expect(packValue(payloads, 'run', 'x'.repeat(33 * 1024 * 1024))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('a value that is gone blocks the run, and nothing else', async () => {
    const gone = { link: { sha256: '0'.repeat(64), bytes: 70_000 } };
    await stage.send({ ...stage.draftStart('run', 'measure'), input: gone, inputHash: 'gone' } as never);
    await stage.until(async () => (await stage.types('run')).includes('RunBlocked'));
    await stage.start('other', 'one-job', 1);
    await ended('other');
    expect((await stage.events('run', 'RunBlocked'))[0]?.failure.code).toBe('PAYLOAD_MISSING');
    expect(await stage.types('other')).toContain('RunCompleted');
  });

  it('unread signals that a new beginning takes over go by their names when together they are too large for a message', async () => {
    await stage.start('run', 'restart', { left: 1, heard: [] });
    for (let i = 0; i < 40; i++) await stage.signal('run', 'word', `${i} ${'x'.repeat(50_000)}`);
    await stage.signal('run', 'next');
    await ended();
    const [continued] = await stage.events('run', 'RunContinued');
    expect(continued?.signals).toHaveLength(40);
    expect(Math.max(...stage.published('history').map(({ body }) => body.length))).toBeLessThan(2_000_000);
    const [completed] = await stage.events('run', 'RunCompleted');
    expect(await read(completed?.output)).toEqual({ json: ['round 1', `0 ${'x'.repeat(50_000)}`] });
  });
});
