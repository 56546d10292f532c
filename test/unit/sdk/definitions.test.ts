// Proves that what an author defines is checked where it is written, with an error that names it.
import { describe, expect, it } from 'vitest';
import { app, job, schedule, signal, workflow } from '../../../src/sdk/index.ts';

const invalid = (message: RegExp | string): unknown =>
  expect.objectContaining({ code: 'APP_INVALID', message: expect.stringMatching(message) as string });
const run = () => undefined;
const flow = workflow({ name: 'flow', run: async () => undefined });
const nightly = schedule({ name: 'nightly', cron: '0 3 * * *', zone: 'UTC', workflow: flow, input: undefined });

describe('a name', () => {
  it.each(['a', 'book-flight', 'step-2', '7', 'x'.repeat(60)])('%s can be given', (name) => {
    expect(job({ name, run }).name).toBe(name);
  });

  it.each(['', 'bookFlight', 'book_flight', '-book', 'book-', 'book--flight', 'book flight', 'büch', 'a.b', 'a/b', 'x'.repeat(61)])(
    '"%s" cannot, to anything',
    (name) => {
      expect(() => job({ name, run })).toThrow(invalid('job'));
      expect(() => workflow({ name, run: async () => undefined })).toThrow(invalid('workflow'));
      expect(() => signal(name)).toThrow(invalid('signal'));
      expect(() => app({ name, workflows: [] })).toThrow(invalid('app'));
      expect(() => schedule({ name, cron: '0 3 * * *', zone: 'UTC', workflow: flow, input: undefined })).toThrow(invalid('schedule'));
    },
  );
});

describe('a job', () => {
  it('has the defaults of an attempt of 30 s and 256 MB', () => {
    expect(job({ name: 'a', run })).toEqual({ kind: 'job', name: 'a', retry: {}, timeoutMs: 30_000, memoryMb: 256, run });
  });

  it('keeps what is said of it, in milliseconds', () => {
    const said = job({
      name: 'a',
      timeout: '2m',
      totalTimeout: '1 day',
      maxConcurrency: 3,
      memoryMb: 1024,
      retry: { maxAttempts: 2 },
      run,
    });
    expect(said).toMatchObject({
      timeoutMs: 120_000,
      totalTimeoutMs: 86_400_000,
      maxConcurrency: 3,
      memoryMb: 1024,
      retry: { maxAttempts: 2 },
    });
  });

  it.each([0, -1, Number.NaN])('cannot be bounded to %d attempts at once', (maxConcurrency) => {
    expect(() => job({ name: 'a', maxConcurrency, run })).toThrow(invalid('maxConcurrency'));
  });

  it('cannot have a duration that is none', () => {
    expect(() => job({ name: 'a', timeout: -5, run })).toThrow(expect.objectContaining({ code: 'DURATION_INVALID' }));
  });
});

describe('an app', () => {
  it('has no jobs, schedules and signals unless it says so', () => {
    expect(app({ name: 'a', workflows: [flow] })).toEqual({
      kind: 'app',
      name: 'a',
      workflows: [flow],
      jobs: [],
      schedules: [],
      signals: [],
    });
  });

  it('cannot list two of a name, but a job and a workflow may share one', () => {
    expect(() => app({ name: 'a', workflows: [flow, flow] })).toThrow(invalid('two workflows named "flow"'));
    expect(() => app({ name: 'a', workflows: [], signals: [signal('go'), signal('go')] })).toThrow(invalid('two signals named "go"'));
    expect(() => app({ name: 'a', workflows: [], jobs: [job({ name: 'b', run }), job({ name: 'b', run })] })).toThrow(
      invalid('two jobs named "b"'),
    );
    expect(app({ name: 'a', workflows: [flow], jobs: [job({ name: 'flow', run })] }).jobs).toHaveLength(1);
  });

  it('cannot schedule a workflow that it does not list', () => {
    expect(() => app({ name: 'a', workflows: [], schedules: [nightly] })).toThrow(invalid('"nightly" starts the workflow "flow"'));
    expect(app({ name: 'a', workflows: [flow], schedules: [nightly] }).schedules).toEqual([nightly]);
  });
});

describe('a schedule', () => {
  it('skips unless it says otherwise', () => {
    expect(nightly).toMatchObject({ kind: 'schedule', overlap: 'skip' });
    expect(schedule({ ...nightly, overlap: 'queue', input: 1, workflow: flow })).toMatchObject({ overlap: 'queue' });
  });

  it.each([
    ['a cron of three fields', { cron: '0 3 *' }],
    ['a zone that there is not', { zone: 'Europe/Atlantis' }],
  ])('cannot have %s', (_what, wrong) => {
    expect(() => schedule({ name: 'a', cron: '0 3 * * *', zone: 'UTC', workflow: flow, input: undefined, ...wrong })).toThrow(
      expect.objectContaining({ code: 'CALENDAR_RULE_INVALID' }),
    );
  });
});
