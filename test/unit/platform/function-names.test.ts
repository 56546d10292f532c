// Proves that every function of a manifest has a name on Lambda, and that no two have the same.
import { describe, expect, it } from 'vitest';
import { findFunctionName } from '../../../src/platform/function-names.ts';

const find = (name: string) => findFunctionName(name, { prefix: 'sq-', names: { 'booking.jobs@d1': 'my-jobs:live' } });

describe('the name of a function on Lambda', () => {
  it("of an app's function is a function of the app with an alias of the deployment", () => {
    expect(find('booking.decision@7f3a')).toBe('sq-booking_decision:d-7f3a');
    expect(find('booking.job.book-flight@7f3a')).toBe('sq-booking_job_book-flight:d-7f3a');
    expect(find('starquake.timer')).toBe('sq-starquake_timer');
  });

  it("of somebody's own function is what it says", () => {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:resize:live';
    expect(find('resize-images')).toBe('resize-images');
    expect(find('resize:live')).toBe('resize:live');
    expect(find(arn)).toBe(arn);
  });

  it('is what the settings say, if they say so', () => {
    expect(find('booking.jobs@d1')).toBe('my-jobs:live');
  });

  it('fits, however long the names are and whatever a deployment is called', () => {
    for (const name of [`${'a'.repeat(80)}.job.${'b'.repeat(80)}@1`, `a.decision@${'ü/'.repeat(100)}`, 'a.decision@123456789012']) {
      expect(find(name)).toMatch(/^[A-Za-z0-9-_]{1,64}:(?!\d+$)[A-Za-z0-9-_]{1,128}$/);
    }
  });

  it('is another for another function', () => {
    const names = [
      'a.job.retry@1',
      'a.job-retry@1',
      'a.decision@x/y',
      'a.decision@x_2f_y',
      'a.decision@x-y',
      `a.job.${'b'.repeat(79)}1@1`,
      `a.job.${'b'.repeat(79)}2@1`,
    ];
    expect(new Set(names.map(find)).size).toBe(names.length);
  });
});
