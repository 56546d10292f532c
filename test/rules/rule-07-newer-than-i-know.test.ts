// Proves rule 7: what is of a newer version is left to a newer connector, what cannot be parsed is put aside, all else is done with.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import { chooseFunctionVersion, PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, readBody, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

beforeEach(async () => {
  stage = await openStage({ app: desk });
});
afterEach(() => stage.close());

const toInbox = (body: string) => ({ topic: 'inbox', key: 'run', id: 'id', body });
const newer = JSON.stringify({ v: PROTOCOL_VERSION + 1, type: 'Levitate', run: 'run' });

describe('Rule 7: newer than I know', () => {
  it('a message of a newer version is not acked: the connector gives its subscription up and says UPGRADE_ME', async () => {
    await stage.connect('old');
    await stage.start('before', 'listen', 1);
    await stage.pass('1s');
    await stage.publish([toInbox(newer)]);
    await stage.start('after', 'listen', 1);
    await stage.pass('1m');
    expect(stage.reportedCodes).toContain('UPGRADE_ME');
    expect((await stage.waiting('inbox')).map(({ key }) => key)).toEqual(['run', 'after']);
    expect(await stage.types('after')).toEqual([]);
  });

  it('a connector of the version before leaves what it had not acked to the next one', async () => {
    await stage.connect('old');
    await stage.publish([toInbox(newer), writeInbox(stage.draftStart('after', 'listen', 1))]);
    const seen: string[] = [];
    await stage.ports.bus.subscribeStream(
      'inbox',
      { onMessages: (_partition, messages) => void seen.push(...messages.map(({ key }) => key)) },
      { subscription: 'orchestrator', prefetch: 100, timeoutMs: 1000 },
    );
    await stage.settle();
    expect(seen).toEqual(['run', 'after']);
  });

  it('a history with a commit of a newer version stops its connector as well', async () => {
    const first = await stage.connect('first');
    await stage.start('run', 'listen', 1);
    await stage.pass('1s');
    await first.stop();
    const [commit] = await stage.commits('run');
    const future = { ...commit, version: 2, id: 'future', v: PROTOCOL_VERSION + 1, messages: ['request/future'] };
    await stage.ports.runs.append(future as never, JSON.stringify(future), { timeoutMs: 1000 });
    await stage.connect('old');
    await stage.signal('run', 'word', 'heard by the next one');
    await stage.pass('1m');
    expect(stage.reportedCodes).toContain('UPGRADE_ME');
    expect(await stage.waiting('inbox')).toHaveLength(1);
  });

  it.each([
    ['no JSON', '{'],
    ['no message', '"text"'],
    ['a message of a kind that this version never had', JSON.stringify({ v: PROTOCOL_VERSION, type: 'Levitate', run: 'run' })],
    ['a message with a field missing', JSON.stringify({ v: PROTOCOL_VERSION, type: 'Signal', run: 'run' })],
  ])('%s goes to dead-letters with its error, and is acked', async (_what, body) => {
    await stage.connect('owner');
    await stage.publish([toInbox(body)]);
    await stage.pass('1s');
    expect(stage.published('dead-letters').map(readBody)).toMatchObject([{ topic: 'inbox', key: 'run', body, code: 'MESSAGE_INVALID' }]);
    expect(await stage.waiting('inbox')).toEqual([]);
  });

  it.each(['jobs.desk.work', 'retries', 'timers'])('what cannot be parsed on %s is put aside there too', async (topic) => {
    await stage.connect('owner');
    await stage.publish([{ topic, key: 'run', id: 'id', body: '{"v":1}' }]);
    await stage.pass('1s');
    expect(stage.published('dead-letters').map(readBody)).toMatchObject([{ topic, body: '{"v":1}', code: 'MESSAGE_INVALID' }]);
    expect(await stage.waiting(topic)).toEqual([]);
  });

  it.each(['jobs.desk.work', 'retries', 'timers'])('what is newer on %s is left there, and said', async (topic) => {
    await stage.connect('owner');
    await stage.publish([{ topic, key: 'run', id: 'id', body: JSON.stringify({ v: PROTOCOL_VERSION + 1 }) }]);
    await stage.pass('1m');
    expect(await stage.waiting(topic)).toHaveLength(1);
    expect(stage.published('dead-letters')).toEqual([]);
    expect(stage.reportedCodes).toContain('UPGRADE_ME');
  });

  it.each([
    ['inbox', 'orchestrator'],
    ['jobs.desk.work', 'job-manager'],
    ['retries', 'job-retry'],
    ['timers', 'timer-service'],
  ])('a connector that finds it on %s as it comes leaves it to the next one as well', async (topic, subscription) => {
    const comeAndGo = await stage.connect('first');
    await comeAndGo.stop();
    await stage.publish([{ topic, key: 'run', id: 'id', body: newer }]);
    // Its subscriptions are answered only when it has been given what is there.
    const subscribed = async (): Promise<void> => {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    await stage.connect('old', { subscribed });
    expect(stage.reportedCodes).toContain('UPGRADE_ME');
    const seen: string[] = [];
    const options = { subscription, prefetch: 100, timeoutMs: 1000 };
    const { bus } = stage.ports;
    await (topic === 'inbox'
      ? bus.subscribeStream(topic, { onMessages: (_partition, messages) => void seen.push(...messages.map(({ id }) => id)) }, options)
      : bus.subscribeQueue(topic, { onMessage: ({ id }) => void seen.push(id) }, options));
    await stage.settle();
    expect(seen).toEqual(['id']);
  });

  it('a connector that has left the queues of jobs takes no new one up with the next deployment', async () => {
    await stage.connect('old');
    await stage.publish([{ topic: 'jobs.desk.work', key: 'run', id: 'id', body: newer }]);
    expect(stage.reportedCodes).toContain('UPGRADE_ME');
    const moved = ({ jobs, ...manifest }: Manifest): Manifest => ({
      ...manifest,
      jobs: jobs.map((job) => ({ ...job, name: `new-${job.name}` })),
    });
    await stage.deploy(desk, { deployment: 'd9', order: 9 }, moved);
    await stage.publish([{ topic: 'jobs.desk.new-work', key: 'run', id: 'id', body: newer }]);
    const seen: string[] = [];
    const consumer = { onMessage: ({ id }: { readonly id: string }): void => void seen.push(id) };
    await stage.ports.bus.subscribeQueue('jobs.desk.new-work', consumer, { subscription: 'job-manager', prefetch: 100, timeoutMs: 1000 });
    await stage.settle();
    expect(seen).toEqual(['id']);
  });

  it.each([
    ['the newest that it reads', PROTOCOL_VERSION],
    ['an older one that it is told to write, until the roll of its release is done', PROTOCOL_VERSION - 1],
  ])('everything that a release writes says one version: %s', async (_which, writeVersion) => {
    await stage.connect('owner', {}, writeVersion === PROTOCOL_VERSION ? {} : { writeVersion });
    await stage.start('run', 'sleep-then-work', 1000);
    await stage.pass('2s');
    await stage.publish([toInbox('{')]);
    await stage.pass('1s');
    // The first message of all is whoever's started the run.
    const inbox = stage.published('inbox').filter(({ body }) => body !== '{' && !body.includes('StartRun'));
    const others = ['jobs.desk.work', 'timers', 'usage', 'dead-letters'].flatMap((topic) => stage.published(topic));
    const said = [...inbox, ...others].map(({ body }) => z.object({ v: z.int() }).parse(JSON.parse(body)).v);
    expect(said.length).toBeGreaterThan(5);
    expect(new Set([...said, ...(await stage.commits('run')).map(({ v }) => v)])).toEqual(new Set([writeVersion]));
  });

  it('a function is spoken to in a version that its deployment reads', () => {
    expect(chooseFunctionVersion({ v: 1 }, 2)).toBe(1);
    expect(chooseFunctionVersion({ v: 2 }, 1)).toBe(1);
  });
});
