// What a newer release writes is not taken for what it looks like.
import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { parseHistoryMessage } from '../../../src/query/history-message.ts';

const write = (v: number | undefined): string => {
  const data = { run: 'run', requestId: 'request', code: 'RUN_CLOSED', message: 'The run has ended.', ...(v !== undefined && { v }) };
  return JSON.stringify({ specversion: '1.0', type: 'starquake.refusal', data });
};

describe('a message on history', () => {
  it('of a newer version is left alone, also if it could be parsed', () => {
    expect(() => parseHistoryMessage(write(PROTOCOL_VERSION + 1))).toThrow(expect.objectContaining({ code: 'UPGRADE_ME' }));
  });

  it('of this version, or without one, is read', () => {
    expect(parseHistoryMessage(write(PROTOCOL_VERSION))).toMatchObject({ type: 'starquake.refusal' });
    expect(parseHistoryMessage(write(undefined))).toMatchObject({ data: { code: 'RUN_CLOSED' } });
  });
});
