// What the machine does to anybody meanwhile: how late an idle thread's timers are, and how long a lone small write takes to be on disk.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { quantile } from './start-runs.ts';

const PAUSE_MS = 20;

/** Figures of a machine, in milliseconds. */
export interface IdleMachine {
  readonly idleThreadP99Ms: number;
  readonly loneSyncP50Ms: number;
  readonly loneSyncP99Ms: number;
}

const idleThread = `
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const { parentPort } = require('node:worker_threads');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  parentPort.once('message', () => parentPort.postMessage(delay.percentile(99) / 1e6));
`;

/** Measures beside a benchmark, so that its figures can be told from the machine's. @returns how to end, and the figures then */
export const watchMachine = async (): Promise<() => Promise<IdleMachine>> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-sync-'));
  const file = await open(join(folder, 'file'), 'w');
  const thread = new Worker(idleThread, { eval: true });
  const syncs: number[] = [];
  const ended = new AbortController();
  const sync = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const from = performance.now();
      await file.write('x'.repeat(4096));
      await file.datasync();
      syncs.push(performance.now() - from);
      await pause(PAUSE_MS);
    }
  };
  const syncing = sync();
  return async () => {
    ended.abort();
    await syncing;
    await file.close();
    await rm(folder, { recursive: true });
    const idleMs = await new Promise<number>((resolve) => {
      thread.once('message', resolve);
      thread.postMessage('end');
    });
    await thread.terminate();
    return {
      idleThreadP99Ms: Math.round(idleMs * 100) / 100,
      loneSyncP50Ms: quantile(syncs, 0.5),
      loneSyncP99Ms: quantile(syncs, 0.99),
    };
  };
};
