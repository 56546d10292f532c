// Proves that a tick's calls travel together.
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Invocation } from '../../../../src/adapters/local-functions/invocation.ts';
import { sendByTick } from '../../../../src/adapters/local-functions/send-by-tick.ts';
import type { ToWorker } from '../../../../src/adapters/local-functions/worker-messages.ts';

const invocation = (request: string): Invocation => ({
  requestId: request,
  function: { number: 7, name: 'f', kind: 'job', url: 'file:///f.mjs', memoryMb: 128 },
  request,
  startedAt: 0,
  timeoutMs: 1,
  resolve: () => undefined,
});

it('calls of one tick travel in one message, and a function is introduced once', async () => {
  const messages: ToWorker[] = [];
  const send = sendByTick((message) => messages.push(message));
  send(0, invocation('a'));
  await Promise.resolve();
  send(1, invocation('b'));
  await setImmediate();
  send(2, invocation('c'));
  await setImmediate();
  expect(messages).toEqual([
    { functions: [[7, 'file:///f.mjs']], calls: [0, 7, 'a', 1, 7, 'b'], ping: false },
    { functions: [], calls: [2, 7, 'c'], ping: false },
  ]);
});
