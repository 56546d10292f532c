// What must hold once the faults are over and nothing goes on any more: nothing is open, nothing is lost.
import { isClosedForGood } from '../../../src/engine/run/run-state.ts';
import type { Driver, PlannedRun } from '../driver.ts';
import type { World } from '../world/world.ts';

/** Checks the end of a simulation. */
export const checkEnd = async (world: World, _driver: Driver, plan: readonly PlannedRun[]): Promise<void> => {
  const { ledger } = world;
  for (const { run } of plan) if (!ledger.runs.has(run)) ledger.fail(`${run} was never started`);
  for (const { run, state } of ledger.runs.values()) {
    if (isClosedForGood(state) || state.phase === 'failed' || state.phase === 'unknown') continue;
    ledger.fail(`${run} is still open: ${JSON.stringify({ phase: state.phase, paused: state.paused, blocked: state.blocked, jobs: [...state.jobs.keys()], timers: [...state.timers.keys()], children: [...state.children.keys()] })}`);
  }
};
