// Proves that the log is one JSON object per line, says code, cause and hint, and does not flood.
import { beforeEach, describe, expect, it } from 'vitest';
import { createJsonLog, type JsonLog } from '../../../../src/adapters/telemetry/json-log.ts';
import { StarquakeError } from '../../../../src/protocol/starquake-error.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';

let clock: VirtualClock;
let lines: string[];
let log: JsonLog;

beforeEach(() => {
  clock = makeVirtualClock();
  lines = [];
  log = createJsonLog({ level: 'info', clock, to: { write: (line: string) => void lines.push(line) } });
});

const read = (): unknown[] => lines.map((line) => JSON.parse(line) as unknown);

describe('the log', () => {
  it('tells what happened with its figures', () => {
    log.tell('ready', { partitions: 64 });
    expect(read()).toEqual([{ level: 'info', time: expect.any(String) as string, msg: 'ready', partitions: 64 }]);
  });

  it('says of trouble its code, what was being done, its causes and what to do', () => {
    const cause = new Error('connection refused', { cause: new Error('ECONNREFUSED') });
    log.report(new StarquakeError('BUS_UNREACHABLE', 'The bus is away.', { cause, hint: 'Bring it up.' }), 'publishing');
    expect(read()).toMatchObject([
      {
        level: 'warn',
        code: 'BUS_UNREACHABLE',
        doing: 'publishing',
        msg: 'The bus is away.',
        hint: 'Bring it up.',
        cause: 'Error: connection refused < Error: ECONNREFUSED',
      },
    ]);
  });

  it('keeps the stack of what nobody foresaw', () => {
    log.report(new TypeError('x is not a function'), 'deciding');
    expect(read()).toMatchObject([{ code: 'UNEXPECTED', stack: expect.stringContaining('TypeError: x is not a function') as string }]);
  });

  it('says the same trouble once in ten seconds, and how often it was there', () => {
    const trouble = (): void => log.report(new StarquakeError('THROTTLED', 'Too much.'), 'appending');
    for (let i = 0; i < 100; i++) trouble();
    expect(lines).toHaveLength(1);
    clock.advance(10_000);
    trouble();
    expect(read()[1]).toMatchObject({ repeated: 99 });
  });

  it('another trouble is said at once', () => {
    log.report(new StarquakeError('THROTTLED', 'Too much.'), 'appending');
    log.report(new StarquakeError('THROTTLED', 'Too much.'), 'loading');
    expect(lines).toHaveLength(2);
  });

  it('takes whatever was thrown', () => {
    log.report({ strange: true }, 'deciding');
    log.report(undefined, 'deciding');
    expect(lines).toHaveLength(2);
  });
});
