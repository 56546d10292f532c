// What must hold once the faults are over and nothing goes on any more: nothing is open, nothing is lost, nothing counted twice.
import type { RunEvent } from '../../../src/protocol/events.ts';
import { isClosedForGood } from '../../../src/engine/run/run-state.ts';
import type { Driver, PlannedRun } from '../actors/driver.ts';
import type { RunRecord } from '../ledger/run-record.ts';
import { findDisagreements } from '../reference/reference-interpreter.ts';
import type { World } from '../world/world.ts';
import type { Replay } from './replay.ts';
import { findRepeats } from '../ledger/repeats.ts';

const explainOpen = ({ state }: RunRecord): string | undefined => {
  if (isClosedForGood(state) || state.phase === 'failed' || state.phase === 'unknown') return undefined;
  const { phase, paused, blocked, jobs, timers, children } = state;
  return JSON.stringify({ phase, paused, blocked, jobs: [...jobs.keys()], timers: [...timers.keys()], children: [...children.keys()] });
};

/** Whether nobody had to run a job: it was given up, canceled or completed from outside before its attempt began. */
const mayBeUnattempted = (job: number, record: RunRecord): boolean => {
  const end = record.events.find(
    (event) => 'job' in event && event.job === job && event.type !== 'JobScheduled' && event.type !== 'JobRetried',
  );
  if (end?.type === 'JobCanceled') return true;
  if (end?.type === 'JobSucceeded') return end.by === 'request';
  // A total timeout, or the end of the run, may come before the first attempt.
  return end?.type === 'JobFailed' ? end.attempts === 0 : isClosedForGood(record.state);
};

const isJob = (event: RunEvent): event is Extract<RunEvent, { type: 'JobScheduled' }> => event.type === 'JobScheduled';

const checkJobs = (world: World, record: RunRecord): void => {
  for (const { number, job } of record.events.filter(isJob)) {
    if (!world.ledger.wasAttempted(record.run, number) && !mayBeUnattempted(number, record))
      world.ledger.fail(`${record.run}: job ${number} ${job} was never attempted`);
  }
};

/** Every request is answered: by its own event, by a refusal, or because it says what another one said. */
const checkRequests = ({ ledger }: World, driver: Driver): void => {
  for (const { run, requestId, message } of driver.requests) {
    const record = ledger.runs.get(run);
    const answered = record?.events.some((event) => 'requestId' in event && event.requestId === requestId) ?? false;
    const sameStart = message.type === 'StartRun' && record?.state.header?.inputHash === message.inputHash;
    if (!answered && !sameStart && !ledger.refusedOutside.has(`${run}|${requestId}`))
      ledger.fail(`${run}: the request ${requestId} (${message.type}) was never answered`);
  }
};

/** A day and an hour, and what the mover may take. */
const PRUNED_AFTER_MS = 27 * 3600_000;

/** Runs that ended days ago are archived, and only their tombstones are left; those that failed are kept longer. */
export const checkArchived = ({ ledger, runs, archives, now }: World): void => {
  for (const { run, state, events } of ledger.runs.values()) {
    if (state.phase === 'failed' || state.phase === 'unknown') continue;
    if (state.phase !== 'archived') ledger.fail(`${run} is ${state.phase}, and not archived`);
    const archived = events.find((event) => event.type === 'RunArchived');
    if (archived && !archives.has(archived.archive)) ledger.fail(`${run} has no archive`);
    const isOld = archived !== undefined && archived.at < now - PRUNED_AFTER_MS;
    if (isOld && runs.countItems(run) > 1) ledger.fail(`${run} still has ${runs.countItems(run)} versions beside its tombstone`);
  }
};

/** Checks the end of a simulation. */
export const checkEnd = async (world: World, driver: Driver, plan: readonly PlannedRun[], replay: Replay): Promise<void> => {
  const { ledger } = world;
  for (const { run } of plan) if (!ledger.runs.has(run)) ledger.fail(`${run} was never started`);
  checkRequests(world, driver);
  for (const record of ledger.runs.values()) {
    const open = explainOpen(record);
    if (open !== undefined) ledger.fail(`${record.run} is still open: ${open}`);
    checkJobs(world, record);
    for (const repeat of findRepeats(record)) ledger.fail(`${record.run}: ${repeat}`);
    for (const disagreement of await findDisagreements(record.run, record.commits))
      ledger.fail(`${record.run}: the reference disagrees: ${disagreement}`);
    for (const difference of replay(record)) ledger.fail(`${record.run}: replayed from scratch, ${difference}`);
  }
};
