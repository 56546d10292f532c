// Proves rule 7: what is of a newer version is left to a newer connector, what cannot be parsed is put aside, all else is done with.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeInbox } from '../../src/engine/outbox/derivation.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
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

  it('everything that is written says the version that this release writes', async () => {
    await stage.connect('owner');
    await stage.start('run', 'sleep-then-work', 1000);
    await stage.pass('2s');
    const versions = ['inbox', 'jobs.desk.work', 'timers'].flatMap((topic) =>
      stage.published(topic).map(({ body }) => (JSON.parse(body) as { v: number }).v),
    );
    expect(new Set([...versions, ...(await stage.commits('run')).map(({ v }) => v)])).toEqual(new Set([PROTOCOL_VERSION]));
  });
});
