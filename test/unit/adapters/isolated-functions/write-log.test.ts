// Proves that what is written here is what is read of Lambda, in both forms, and that the end of a log is kept.
import { describe, expect, it } from 'vitest';
import { LogTail } from '../../../../src/adapters/isolated-functions/log-tail.ts';
import { writeReport, type InvocationFigures } from '../../../../src/adapters/isolated-functions/write-log.ts';
import { parseReport } from '../../../../src/adapters/lambda/parse-report.ts';

const figures: InvocationFigures = {
  requestId: 'a',
  durationMs: 2.3712,
  initMs: 423.9751,
  memoryMb: 128,
  maxMemoryMb: 64,
  status: 'success',
};

describe.each(['text', 'json'] as const)('a report as %s', (format) => {
  it('of a cold start bills the initialization too', () => {
    expect(parseReport(writeReport(format, figures), 'a')).toEqual({
      durationMs: 2.37,
      billedMs: 427,
      memoryMb: 128,
      maxMemoryMb: 64,
      initMs: 423.98,
    });
  });

  it('of a warm invocation that failed has its figures', () => {
    const text = writeReport(format, { ...figures, initMs: undefined, status: 'error', errorType: 'Runtime.ExitError' });
    expect(parseReport(text, 'a')).toMatchObject({ billedMs: 3, initMs: undefined });
    expect(text).toContain('Runtime.ExitError');
  });

  it('of a timeout says so', () => {
    expect(writeReport(format, { ...figures, status: 'timeout' })).toContain('timeout');
  });
});

describe('the end of a log', () => {
  it('is the last 4 KB, however it was written', () => {
    const whole = Array.from({ length: 5_000 }, (_, line) => `line ${line}\n`);
    const tail = new LogTail();
    for (const line of whole) tail.add(line);
    expect(tail.read()).toBe(whole.join('').slice(-4096));
  });

  it('does not begin with half a character', () => {
    const tail = new LogTail();
    tail.add(`${'é'.repeat(3_000)}a`);
    expect(tail.read()).toBe(`${'é'.repeat(2_047)}a`);
  });
});
