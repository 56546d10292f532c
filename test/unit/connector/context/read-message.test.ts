// Proves how a body is read at the edge: what it says, that it is newer, or why it is nothing.
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../../src/connector/context/read-message.ts';
import { dueSchema, inboxMessageSchema } from '../../../../src/protocol/messages.ts';
import { PROTOCOL_VERSION } from '../../../../src/protocol/version.ts';

const pause = { type: 'Pause', v: PROTOCOL_VERSION, run: 'run', requestId: 'p' };

describe('a body', () => {
  it('is the message that it says', () => {
    expect(readMessage(JSON.stringify(pause), inboxMessageSchema)).toEqual({ kind: 'message', message: pause });
  });

  it('with fields that are not known is read without them', () => {
    expect(readMessage(JSON.stringify({ ...pause, later: true }), inboxMessageSchema)).toEqual({ kind: 'message', message: pause });
  });

  it('of a newer version is newer, whatever else it says', () => {
    expect(readMessage(JSON.stringify({ v: PROTOCOL_VERSION + 1 }), inboxMessageSchema)).toEqual({ kind: 'newer' });
    expect(readMessage(JSON.stringify({ ...pause, v: PROTOCOL_VERSION + 1 }), inboxMessageSchema)).toEqual({ kind: 'newer' });
  });

  it.each([
    ['nothing', '', /no JSON/],
    ['no JSON', '{', /no JSON/],
    ['a number', '5', /cannot be parsed/],
    ['null', 'null', /cannot be parsed/],
    ['a message without what it needs', JSON.stringify({ ...pause, requestId: undefined }), /requestId/],
    ['a message of another kind', JSON.stringify({ ...pause, type: 'Levitate' }), /type/],
    ['a message for nobody', JSON.stringify({ ...pause, run: '' }), /run/],
  ])('that is %s is invalid, and the error says why', (_what, body, why) => {
    const read = readMessage(body, inboxMessageSchema);
    expect(read).toMatchObject({ kind: 'invalid', error: { code: 'MESSAGE_INVALID' } });
    expect(read.kind === 'invalid' && read.error.message).toMatch(why);
  });

  it('is read by the schema of its topic', () => {
    expect(readMessage(JSON.stringify(pause), dueSchema).kind).toBe('invalid');
  });
});
