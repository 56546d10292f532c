// Proves that workflow code meets nothing that replay could not repeat.
import { beforeAll, describe, expect, it } from 'vitest';
import { makeGuardedRealm } from '../../../support/evaluate-guarded.ts';

let evaluate: Awaited<ReturnType<typeof makeGuardedRealm>>;

beforeAll(async () => {
  evaluate = await makeGuardedRealm(`
    import fs, { readFileSync } from 'node:fs'; import * as timers from 'timers/promises'; import { randomUUID, createHash } from 'crypto'; import { EventEmitter } from 'node:events';
    class Emitter extends EventEmitter {}
    const later = timers.setTimeout(5); const digest = createHash('sha256').update('x').digest('hex');
    Object.assign(globalThis, { fs, readFileSync, timers, randomUUID, later, Emitter })`);
});

const caught = (code: string): unknown =>
  evaluate(`try { ${code}; 'nothing was thrown'; } catch (error) { ({ code: error.code, message: error.message }); }`);

describe('time in a workflow', () => {
  it.each([
    ['Date.now()', 1_000],
    ['new Date().getTime()', 1_000],
    ['Date.parse(Date())', 1_000],
    ['performance.now()', 1_000],
    ['new Date(5).getTime()', 5],
    ['new Date(2020, 0, 2).getDate()', 2],
    ['Date.UTC(1970, 0, 1)', 0],
    ['new Date() instanceof Date', true],
    ['new (new Date().constructor)().getTime()', 1_000],
    ['new (class Later extends Date {})().getTime()', 1_000],
    ["new Intl.DateTimeFormat('en', { timeZone: 'UTC', year: 'numeric' }).format()", '1970'],
    ["new Intl.DateTimeFormat('en', { timeZone: 'UTC', year: 'numeric' }).formatToParts()[0].value", '1970'],
  ])('%s is %s', (code, value) => {
    expect(evaluate(code)).toBe(value);
  });

  it('stands at 0 while modules load', () => {
    expect(evaluate('Date.now() + performance.now()', 'outside')).toBe(0);
  });
});

describe('randomness in a workflow', () => {
  it('is drawn from the run', () => {
    expect(evaluate('crypto.randomUUID()')).toBe('uuid-of-the-run');
    expect(evaluate('randomUUID()')).toBe('uuid-of-the-run');
    expect(evaluate('drawn = 3; Math.random()')).toBe(0.3);
    expect(evaluate('drawn = 0; crypto.getRandomValues(new Uint16Array(2)).join()')).toBe(
      evaluate('drawn = 0; crypto.getRandomValues(new Uint16Array(2)).join()'),
    );
  });
});

describe('what a workflow must not do', () => {
  it.each([
    ['setTimeout(() => {}, 5)', 'setTimeout', 'flow.sleep()'],
    ['setInterval(() => {}, 5)', 'setInterval', 'flow.sleep()'],
    ["fetch('https://example.org')", 'fetch', 'job'],
    ["new WebSocket('wss://example.org')", 'new WebSocket', 'job'],
    ["require('pg')", 'require', 'import'],
    ['process.env.KEY', 'process.env', 'input'],
    ['process.hrtime()', 'process.hrtime', 'job'],
    ['new WeakRef({})', 'new WeakRef', 'Map'],
    ['new FinalizationRegistry(() => {})', 'new FinalizationRegistry', 'Map'],
    ['Atomics.wait(new Int32Array(4), 0, 0, 5)', 'Atomics.wait', 'flow.sleep()'],
    ["crypto.subtle.digest('SHA-256', new Uint8Array())", 'crypto.subtle.digest', 'job'],
    ["readFileSync('x')", 'fs.readFileSync', 'job'],
    ["fs.promises.readFile('x')", 'fs.promises.readFile', 'job'],
    ['timers.setTimeout(5)', 'timers/promises.setTimeout', 'flow.sleep()'],
    ["new Emitter().on('x', () => {})", 'new events.EventEmitter', 'job'],
  ])('%s throws an error that names %s and what to use instead', (code, call, instead) => {
    expect(caught(code)).toMatchObject({
      code: 'FORBIDDEN_IN_WORKFLOW',
      message: expect.stringMatching(new RegExp(`^${call.replaceAll('.', '\\.')} .*${instead.replace('()', '')}`)),
    });
  });

  it('may stand at the top of a file, where it serves jobs and does nothing', () => {
    expect(evaluate('typeof later + typeof process.env.KEY + typeof setTimeout(() => {}, 5)', 'outside')).toBe('functionundefinedfunction');
  });
});

describe('what a workflow may do', () => {
  it('writes to a console that keeps quiet', () => {
    expect(evaluate("console.log('x'); console.table([1]); 'went on'")).toBe('went on');
  });

  it('queues microtasks, whose order is the same each time', () => {
    evaluate('globalThis.order = []; queueMicrotask(() => order.push(1)); Promise.resolve().then(() => order.push(2)); 0');
    return Promise.resolve().then(() => expect(evaluate('order.join()')).toBe('1,2'));
  });
});
