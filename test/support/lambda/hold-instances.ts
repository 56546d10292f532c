// Holds instances of functions, one idle and one that waits, tells their process ids, and is killed by the test that started it.
import { openIsolatedFunctions } from '../../../src/adapters/isolated-functions/isolated-functions.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { isolationFunctions } from './isolation-functions.ts';

const functions = openIsolatedFunctions({ clock: systemClock });
functions.install({ functions: isolationFunctions });
await functions.invoke('echo', '{}', { timeoutMs: 60_000 });
void functions.invoke('misbehave', '"neverAnswer"', { timeoutMs: 600_000 });
const tell = (): void => {
  const pids = functions.listProcesses();
  if (pids.length === 2) process.stdout.write(`${JSON.stringify(pids)}\n`);
  else setImmediate(tell);
};
tell();
