// The commands that speak to a server: what they send, print and end with.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type Api } from '../../../src/api/start-api.ts';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { acceptAll, openApi, type ApiHarness, type Respond } from '../api/api-harness.ts';
import { scheduled, started } from '../query/commits.ts';
import { runCommand, type Outcome } from './fake-terminal.ts';

let harness: ApiHarness;
let server: Api;

const serve = async (respond?: Respond): Promise<void> => {
  harness = await openApi(respond);
  server = await startApi(harness.context.ports, harness.context.projection, { port: 0 });
};
const run = (...words: string[]): Promise<Outcome> => runCommand(words, { url: server.url });

beforeEach(() => serve());
afterEach(async () => {
  await server.close();
  await harness.close();
});

/** Serves runs that end at once. */
const serveEnding = async (event: NewEvent, status: 'completed' | 'failed'): Promise<void> => {
  await server.close();
  await harness.close();
  await serve((message) => {
    const made = acceptAll(message);
    return made && { status, events: [...made.events, event] };
  });
};

const completed: NewEvent = { type: 'RunCompleted', command: 1, cause: 1, output: { json: { booked: 'Rome' } } };

describe('start', () => {
  it('prints the run id, or one JSON document', async () => {
    expect(
      await run('start', 'booking/book-trip', '--run-id', 'trip-1', '--input', '{"to":"Rome"}', '--tag', 'a=b', '-t', 'c=d=e'),
    ).toEqual({ code: 0, stdout: 'trip-1\n', stderr: '' });
    expect(harness.sent).toMatchObject([
      { app: 'booking', workflow: 'book-trip', input: { json: { to: 'Rome' } }, tags: { a: 'b', c: 'd=e' } },
    ]);
    expect((await run('start', 'booking/book-trip', '--run-id', 'trip-2', '--json')).stdout).toBe('{"runId":"trip-2"}\n');
  });

  it('reads its input from a file or from stdin', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'starquake-cli-'));
    try {
      const file = join(folder, 'trip.json');
      await writeFile(file, '{"from":"file"}');
      await run('start', 'booking/book-trip', '--input', `@${file}`);
      await runCommand(['start', 'booking/book-trip', '--input', '-'], { url: server.url, stdin: '{"from":"stdin"}' });
      expect(harness.sent).toMatchObject([{ input: { json: { from: 'file' } } }, { input: { json: { from: 'stdin' } } }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('prints the result with --wait, and ends with 0', async () => {
    await serveEnding(completed, 'completed');
    const told = await run('start', 'booking/book-trip', '--run-id', 'r', '--wait');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toBe('r completed in 0 ms\n{"booked":"Rome"}\n');
    expect(JSON.parse((await run('start', 'booking/book-trip', '--run-id', 'r', '--wait', '--json')).stdout)).toMatchObject({
      runId: 'r',
      output: { booked: 'Rome' },
    });
  });

  it('ends with 1 when the run that it waited for failed', async () => {
    await serveEnding(
      { type: 'RunFailed', command: 1, cause: 1, failure: { code: 'FULL', name: 'Error', message: 'hotel full' } },
      'failed',
    );
    const told = await run('start', 'booking/book-trip', '--wait');
    expect(told.code).toBe(1);
    expect(told.stdout).toContain('FULL: hotel full');
  });

  it('ends with 4 when it is refused, and says the code and what to do', async () => {
    await run('start', 'booking/book-trip', '--run-id', 'r');
    const refused = await run('start', 'booking/book-trip', '--run-id', 'r', '--input', '2');
    expect(refused).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/^RUN_EXISTS: .*\nhint: .*\n$/) });
    const json = await run('start', 'booking/book-trip', '--run-id', 'r', '--input', '2', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'RUN_EXISTS' } });
    expect(json.stderr).toBe('');
  });
});

describe('await, show and list', () => {
  it('await ends with 3 when the run goes on', async () => {
    await harness.commit('r', [started()], 'running');
    expect(await run('await', 'r', '--timeout', '0s')).toMatchObject({ code: 3, stdout: expect.stringContaining('running') });
  });

  it('show tells what the run waits for, and its history in words', async () => {
    await harness.commit(
      'r',
      [started(), scheduled('pay'), { type: 'TimerStarted', command: 2, cause: 1, name: 'sleep', dueAt: 0 }],
      'running',
    );
    const { stdout } = await run('show', 'r', '--history');
    expect(stdout).toMatch(/^r {2}running\n/);
    expect(stdout).toContain('job 2 pay, open');
    expect(stdout).toContain('timer 3 sleep');
    expect(stdout).toContain('run started: booking/book-trip {"to":"Rome"}');
  });

  it('list is a table, and says how to see more', async () => {
    await harness.commit('a', [started()], 'running');
    await harness.commit('b', [started({ tags: { x: 'y' } })], 'running');
    expect((await run('list')).stdout).toMatch(/^RUN +WORKFLOW +STATUS .*\nb +booking\/book-trip +running .*x=y\na +booking\/book-trip/);
    expect((await run('list', '--limit', '1')).stdout).toContain('More: --cursor ');
    expect((await run('list', '--status', 'failed')).stdout).toBe('No runs.\n');
    expect(JSON.parse((await run('list', '--json', '--tag', 'x=y')).stdout)).toMatchObject({ runs: [{ runId: 'b' }] });
  });
});

describe('requests', () => {
  it.each([
    [['signal', 'r', 'approved', '--value', '{"by":"ada"}'], { type: 'Signal', signal: 'approved', value: { json: { by: 'ada' } } }],
    [['cancel', 'r', '--reason', 'enough'], { type: 'Cancel', reason: 'enough' }],
    [['terminate', 'r'], { type: 'Terminate' }],
    [['pause', 'r', '--request-id', 'key-1'], { type: 'Pause', requestId: 'key-1' }],
    [['resume', 'r'], { type: 'Resume' }],
    [['retry', 'r'], { type: 'RetryRun' }],
    [['fire-timer', 'r', '3'], { type: 'FireTimer', timer: 3 }],
    [['job', 'retry', 'r', '2', '--new-key'], { type: 'RetryJob', job: 2, newKey: true }],
    [['job', 'cancel', 'r', '2'], { type: 'CancelJob', job: 2 }],
    [['job', 'complete', 'r', '2', '--output', '[1]'], { type: 'CompleteJob', job: 2, output: { json: [1] } }],
  ])('%j asks its run', async (words, message) => {
    await harness.commit('r', [started()], 'running');
    expect(await run(...words)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^r: .*; it is running now\.\n$/) });
    expect(harness.sent).toMatchObject([{ run: 'r', ...message }]);
  });

  it('schedules are listed and ordered', async () => {
    await harness.commit('schedule/reports/nightly', [started({ app: 'reports', workflow: 'starquake.schedule' })], 'running');
    expect((await run('schedule', 'list')).stdout).toContain('reports/nightly');
    for (const order of ['pause', 'resume', 'trigger']) expect(await run('schedule', order, 'reports/nightly')).toMatchObject({ code: 0 });
    expect(harness.sent).toMatchObject([
      { value: { json: { kind: 'pause' } } },
      { value: { json: { kind: 'resume' } } },
      { value: { json: { kind: 'trigger' } } },
    ]);
  });
});

describe('a command line that cannot be understood', () => {
  it.each([
    [['show', 'r', '--nope'], '--nope'],
    [['shwo', 'r'], 'show'],
    [['start', 'no-slash'], 'app/name'],
    [['start', 'a/b', '--input', '{'], 'JSON'],
    [['start', 'a/b', '--input', '@/no/such/file'], 'file'],
    [['start', 'a/b', '--tag', 'odd'], 'name=value'],
    [['list', '--status', 'odd'], 'running'],
    [['list', '--limit', '0'], '1 or more'],
    [['fire-timer', 'r', 'first'], 'whole number'],
    [['dev', '--port', '99999'], '65535'],
    [['list', '--url', 'nonsense'], 'URL'],
    [['await'], 'run'],
  ])('%j ends with 2 and says what is wrong', async (words, what) => {
    const told = await run(...words);
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(/^[A-Z_]+: /);
    expect(told.stderr).toContain(what);
    expect(told.stderr).toMatch(/\nhint: .+\n$/);
  });

  it('is one JSON document with --json', async () => {
    const told = await run('show', 'r', '--nope', '--json');
    expect(JSON.parse(told.stdout)).toMatchObject({ error: { code: 'SETTINGS_INVALID' } });
  });
});

describe('help', () => {
  it.each([[], ['start'], ['dev'], ['job', 'retry'], ['schedule', 'list']])(
    'of %j ends with 0 and lists the exit codes',
    async (...words) => {
      const told = await run(...words, '--help');
      expect(told.code).toBe(0);
      expect(told.stdout).toContain('Exit codes:');
      expect(told.stdout).toContain('--json');
    },
  );
});

describe('a server that is not there', () => {
  it('ends with 3 and says how to start it', async () => {
    expect(await runCommand(['list'])).toMatchObject({ code: 3, stderr: expect.stringMatching(/^CONNECTION_FAILED: [^]*starquake dev/) });
  });

  it('is found out by dev too: a port that is taken, before anything is started', async () => {
    const port = new URL(server.url).port;
    expect(await run('dev', 'workflows/booking/app.ts', '--port', port, '--memory')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ADDRESS_IN_USE: /),
    });
    expect(await run('dev', 'no/such/app.ts')).toMatchObject({ code: 2, stderr: expect.stringContaining('no/such/app.ts') });
  });
});

describe('progress', () => {
  it('is shown on stderr only where somebody watches, and taken away', async () => {
    await serveEnding(completed, 'completed');
    await run('start', 'booking/book-trip', '--run-id', 'r');
    const watched = await runCommand(['await', 'r'], { url: server.url, isWatched: true });
    expect(watched.stderr).toContain('waiting for r');
    expect(watched.stderr.endsWith('\r\u001b[K')).toBe(true);
    expect((await run('await', 'r')).stderr).toBe('');
  });
});
