// A process of its own whose event loop is watched: it turns for a while, stops being watched or goes on, then stands still or ends.
import { argv, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { watchLoop } from '../../../../src/adapters/loop-watch/loop-watch.ts';

const LIMIT_MS = 200;
/** Longer than the limit and the grace after it. */
const LONG_MS = 3_000;

const standStill = (ms: number): void => {
  const until = Date.now() + ms;
  while (Date.now() < until);
};

const stop = watchLoop(LIMIT_MS);
if (argv[2] === 'stands-still') standStill(60_000);
if (argv[2] === 'turns') await pause(LONG_MS);
if (argv[2] === 'is-let-go') {
  await stop();
  standStill(LONG_MS);
}
stdout.write('lives');
