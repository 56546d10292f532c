// Opens an engine for a benchmark: durable in a folder of its own, which goes with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeEngine, type Engine, type EngineOptions } from '../src/cli/compose.ts';

const report = (error: unknown, doing: string): void => console.error(doing, error);

/** Opens an engine with these apps, measures on it, and closes it. */
export const onEngine = async <T>(
  entries: readonly string[],
  measure: (engine: Engine) => Promise<T>,
  more: Pick<EngineOptions, 'pulsar'> = {},
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'starquake-bench-'));
  const engine = await composeEngine({ entries, folder, watch: false, report, ...more });
  try {
    return await measure(engine);
  } finally {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
