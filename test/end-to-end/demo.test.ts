// The demo: a story for people, and one line of JSON for scripts.
import { describe, expect, it } from 'vitest';
import { runCli } from './dev-process.ts';

describe('the demo', { timeout: 60_000 }, () => {
  it('tells how the trips go, prints the result as one line of JSON, and ends with 0', async () => {
    const { code, stdout, stderr } = await runCli(['demo']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const told of [
      'process-payment attempt 1 failed',
      'process-payment attempt 2 follows',
      'timer fired',
      'notify-customer succeeded',
      'refund-payment succeeded',
    ])
      expect(stdout).toContain(told);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      status: 'completed',
      output: { hotel: { city: 'Rome' } },
      saga: { status: 'failed' },
    });
  });
});
