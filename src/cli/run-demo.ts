// Books trips on an engine in a folder of its own, and leaves nothing behind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackageFile } from '../bundle/package-files.ts';
import { composeEngine } from './compose.ts';
import { tellSaga, tellTrip } from './demo-trips.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import { createReporter } from './report-trouble.ts';
import type { Terminal } from './terminal/terminal.ts';

/** The example app of this package, wherever the command is called. */
const booking = findPackageFile('workflows/booking/app');

/** What `starquake demo` does; the last line on stdout is the result as JSON. */
export const runDemo = async (terminal: Terminal, json: boolean): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-demo-'));
  const say = (line: string): void => (json ? undefined : terminal.write(`${line}\n`));
  try {
    const engine = await composeEngine({ entries: [booking], folder, watch: false, report: createReporter(terminal) });
    try {
      const trip = await tellTrip(engine, say);
      const saga = await tellSaga(engine, say);
      terminal.write(`${JSON.stringify({ ...trip, saga })}\n`);
      terminal.endWith(trip.status === 'completed' && saga.status === 'failed' ? exitCodes.ok : exitCodes.failed);
    } finally {
      await engine.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
