// Proves what a prefix of a mailbox comes to: what is recorded, what is only acked, what must be read anew first.
import { describe, expect, it } from 'vitest';
import { acceptMail } from '../../../../src/connector/orchestrator/accept-mail.ts';
import { Partition, type Mail } from '../../../../src/connector/orchestrator/partition.ts';
import { RunCache } from '../../../../src/connector/orchestrator/run-cache.ts';
import { identifyMessage } from '../../../../src/protocol/message-ids.ts';
import type { InboxMessage } from '../../../../src/protocol/messages.ts';
import type { NewEvent } from '../../../../src/protocol/events.ts';
import { jobScheduled, payload, runCompleted, runStarted, timerStarted } from '../../../support/pure/drafts.ts';
import { GIVEN_AT, givenRun, type MessageDraft } from '../../../support/pure/given-run.ts';

const NOW = GIVEN_AT + 3_600_000;
const partition = new Partition(0, 0);
const context = { now: NOW, history: undefined, findDeployment: () => undefined };

/** Mail that came at a moment: 0 is before the copy was read, 10 after. */
const mail = (draft: MessageDraft, arrival = 0): Mail => {
  const message: InboxMessage = { v: 1, run: 'run', ...draft };
  return { message, id: identifyMessage(message), partition, position: arrival, bytes: 100, arrival };
};

const copyOf = (...steps: readonly (readonly NewEvent[])[]) => new RunCache(1, 1).put('run', givenRun(...steps).commits, 5, 0);
const signal = (requestId: string): MessageDraft => ({ type: 'Signal', signal: 'word', value: payload(requestId), requestId });
const wakeForNothing: MessageDraft = { type: 'TimerFired', epoch: 0, timer: 99 };

describe('mail', () => {
  it('is taken in its order, and its events are numbered on from the history', () => {
    const accepted = acceptMail(copyOf([runStarted()]), [mail(signal('a')), mail(signal('b'))], context, 0);
    expect(accepted).toMatchObject({
      events: [
        { number: 2, requestId: 'a', at: NOW },
        { number: 3, requestId: 'b', at: NOW },
      ],
      settled: false,
      stale: false,
    });
    expect(accepted.taken.map(({ id }) => id)).toEqual(['request/a', 'request/b']);
  });

  it('that says the same twice counts once', () => {
    const accepted = acceptMail(copyOf([runStarted()]), [mail(signal('a')), mail(signal('a'))], context, 0);
    expect([accepted.events.length, accepted.taken.length]).toEqual([1, 2]);
  });

  it('that changes nothing is settled, if the copy was read after it came', () => {
    expect(acceptMail(copyOf([runStarted()]), [mail(wakeForNothing, 0)], context, 0)).toMatchObject({ settled: true, stale: false });
    expect(acceptMail(copyOf([runStarted()]), [mail(wakeForNothing, 10)], context, 0)).toMatchObject({ settled: true, stale: true });
  });

  it('that changes nothing is recorded with what does', () => {
    const accepted = acceptMail(copyOf([runStarted()]), [mail(wakeForNothing, 10), mail(signal('a'), 11)], context, 0);
    expect(accepted).toMatchObject({ settled: false, stale: false });
    expect(accepted.taken).toHaveLength(2);
  });

  it('that needs the owner first ends the prefix before it', () => {
    const accepted = acceptMail(
      copyOf([runStarted(), runCompleted()]),
      [mail(wakeForNothing), mail({ type: 'Archive', closing: 2 }), mail(signal('a'))],
      context,
      0,
    );
    expect(accepted.taken).toHaveLength(1);
    expect(accepted.next).toMatchObject({ mail: { id: 'archive/2' }, acceptance: { kind: 'archive' } });
  });

  it('asks for a try when a Wake is in it', () => {
    expect(acceptMail(copyOf([runStarted()]), [mail({ type: 'Wake', version: 1, cause: 'blocked' })], context, 0).tries).toBe(true);
    expect(acceptMail(copyOf([runStarted()]), [mail(signal('a'))], context, 0).tries).toBe(false);
  });

  it('is never recorded before what is in the history, nor a timer before it was due', () => {
    const copy = copyOf([runStarted(), timerStarted(NOW + 500)]);
    const [fired, heard] = acceptMail(copy, [mail({ type: 'TimerFired', epoch: 0, timer: 2 }), mail(signal('a'))], context, 0).events;
    expect([fired?.at, heard?.at]).toEqual([NOW + 500, NOW + 500]);
  });

  it('from an administrator may fire a timer before it was due', () => {
    const copy = copyOf([runStarted(), timerStarted(NOW + 500)]);
    expect(acceptMail(copy, [mail({ type: 'FireTimer', requestId: 'f', timer: 2 })], context, 0).events).toMatchObject([
      { type: 'TimerFired', at: NOW },
    ]);
  });

  it('meets what the mail before it has done', () => {
    const copy = copyOf([runStarted(), jobScheduled()]);
    const done: MessageDraft = { type: 'JobSucceeded', epoch: 0, job: 2, generation: 1, output: {}, attempt: 1 };
    const retry: MessageDraft = { type: 'RetryJob', requestId: 'r', job: 2, newKey: false };
    expect(acceptMail(copy, [mail(done), mail(retry)], context, 0).events).toMatchObject([
      { type: 'JobSucceeded' },
      { type: 'RequestRefused', code: 'JOB_NOT_OPEN' },
    ]);
  });
});
