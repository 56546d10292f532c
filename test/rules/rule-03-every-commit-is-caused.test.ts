// Proves rule 3: nothing is committed that no message on `inbox` asked for.
import { afterEach, describe, expect, it } from 'vitest';
import { identifyMessage } from '../../src/protocol/message-ids.ts';
import { inboxMessageSchema } from '../../src/protocol/messages.ts';
import { loadDesk } from '../support/apps/desk/load-desk.ts';
import { openStage, readBody, type Stage } from '../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;

afterEach(() => stage.close());

const idsOnInbox = new Set<string>();

/** Whoever publishes on `inbox` is written down, the test itself included. */
const watchInbox = (): void => {
  idsOnInbox.clear();
  const { bus } = stage.ports;
  const publish = bus.publish.bind(bus);
  bus.publish = (messages, options) => {
    for (const { topic, body } of messages)
      if (topic === 'inbox') idsOnInbox.add(identifyMessage(inboxMessageSchema.parse(JSON.parse(body))));
    return publish(messages, options);
  };
};

describe('Rule 3: every commit is caused by messages on inbox', () => {
  it('each commit lists the ids of messages that were on inbox, and there is none without', async () => {
    stage = await openStage({ app: desk, settings: { completedRetentionMs: 1000 } });
    watchInbox();
    stage.jobs['work-once'] = () => ({ kind: 'failed', failure: { code: 'Error', name: 'Error', message: 'full' }, retryable: true });
    await stage.connect('owner');
    await stage.start('run', 'saga');
    await stage.start('parent', 'parent', 'one-job');
    await stage.start('sleeper', 'sleep-then-work', 5000);
    await stage.pass('2m');
    const commits = stage.stepsOf('append').map(({ commit }) => commit);
    expect(commits.length).toBeGreaterThan(12);
    expect(commits.filter(({ messages }) => messages.length === 0)).toEqual([]);
    expect(commits.flatMap(({ messages }) => messages).filter((id) => !idsOnInbox.has(id))).toEqual([]);
  });

  it('a blocked run is tried again by a Wake at the time that RunBlocked says', async () => {
    stage = await openStage({ app: desk });
    const owner = await stage.connect('owner');
    owner.hooks.invoke = async () => Promise.reject(new Error('no answer'));
    await stage.start('run', 'one-job', 1);
    const [blocked] = await stage.events('run', 'RunBlocked');
    const due = stage.published('timers').map(readBody);
    expect(due).toMatchObject([{ dueAt: blocked?.nextTryAt, topic: 'inbox', id: 'run/wake/1/blocked' }]);
    delete owner.hooks.invoke;
    await stage.pass('2s');
    expect((await stage.commits('run'))[1]?.messages).toEqual(['wake/1/blocked']);
  });

  it('a commit that leaves commands for the next one derives a Wake, which causes that one', async () => {
    stage = await openStage({ app: desk });
    await stage.connect('owner');
    stage.jobs['work'] = () => new Promise(() => undefined);
    await stage.start('run', 'fan-out', 2500);
    const commits = await stage.commits('run');
    expect(commits.map(({ messages, more }) => [messages, more])).toEqual([
      [['request/start run'], true],
      [['wake/1/more'], true],
      [['wake/2/more'], false],
    ]);
    expect(await stage.events('run', 'JobScheduled')).toHaveLength(2500);
  });

  it('a commit of messages that were accepted without deciding derives a Wake, which asks for the decision', async () => {
    stage = await openStage({ app: desk, settings: { mailboxLimit: 3 } });
    await stage.connect('owner');
    await stage.start('run', 'listen', 5);
    await stage.send(
      ...[1, 2, 3, 4, 5].map((index) => ({
        type: 'Signal' as const,
        run: 'run',
        signal: 'word',
        value: { json: `${index}` },
        requestId: `${index}`,
      })),
    );
    const [, undecided, decided] = await stage.commits('run');
    expect(undecided).toMatchObject({ decided: false, messages: [1, 2, 3, 4, 5].map((index) => `request/${index}`) });
    expect(decided).toMatchObject({ decided: true, messages: ['wake/2/undecided'], events: [{ type: 'RunCompleted' }] });
  });

  it('a paused run gets no Wake for what it may not decide', async () => {
    stage = await openStage({ app: desk });
    await stage.connect('owner');
    await stage.start('run', 'listen', 1);
    await stage.send({ type: 'Pause', run: 'run', requestId: 'pause' });
    await stage.signal('run', 'word', 'heard');
    expect(stage.published('inbox').filter(({ id }) => id.startsWith('wake/'))).toEqual([]);
  });
});
