// Runs one seed: a world with faults for a while, then without, until no run is open; and says what went against the rules.
import { startConnector } from '../../../src/connector/connector.ts';
import { defaultSettings, type ConnectorSettings } from '../../../src/connector/context/settings.ts';
import { topics } from '../../../src/protocol/topics.ts';
import { checkArchived, checkEnd } from '../checks/end.ts';
import { describeManifest, type Deployment } from './deployment.ts';
import { Driver, planRuns, type PlannedRun } from '../actors/driver.ts';
import { drawFaults, noFaults, type FaultMix } from '../clockwork/faults.ts';
import { Fleet, type StartConnector } from '../actors/fleet.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { RunRecord } from '../ledger/run-record.ts';
import { createRandom, type Random } from '../clockwork/random.ts';
import { createTrace, type Trace } from '../clockwork/trace.ts';
import { isClosedForGood } from '../../../src/engine/run/run-state.ts';
import { SimFunctions } from '../world/sim-functions.ts';
import { SimRunStore } from '../world/sim-run-store.ts';
import { World } from '../world/world.ts';

/** What a simulation is run with. */
export interface SimulationOptions {
  readonly seed: number;
  readonly deployment: Deployment;
  /** The real connector, unless a variant of it is to be caught. */
  readonly start?: StartConnector;
  /** What differs from the faults that the seed draws. */
  readonly faults?: Partial<FaultMix>;
  readonly settings?: Partial<ConnectorSettings>;
  /** The run store, if it is not the careful one. */
  readonly makeRuns?: () => SimRunStore;
  /** Runs are too large to be sent whole more often than not. */
  readonly heavy?: boolean;
  /** The administrator looks every few seconds, and retries jobs that are under way. */
  readonly eager?: boolean;
  /** Instances of the decision function. */
  readonly instances?: number;
  readonly print?: (line: string) => void;
  /** Is given the world once nothing goes on any more. */
  readonly onEnd?: (world: World) => void;
}

/** What came of a simulation. */
export interface SimulationResult {
  readonly seed: number;
  /** The first is what counts; empty if all went well. */
  readonly violations: readonly string[];
  readonly digest: string;
  readonly runs: number;
  /** Runs with a race, a timer or a cancel in their history. */
  readonly timedRuns: number;
  readonly commits: number;
  readonly events: number;
  /** How much time went by in the world, in milliseconds. */
  readonly elapsedMs: number;
  readonly trace: Trace;
}

const START_OF_TIME = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A run that is still open this long after the faults is stuck. */
const PATIENCE_MS = 12 * DAY;
const MOST_EVENTS = 200_000;

const drawSettings = (random: Random, isLong: boolean): Partial<ConnectorSettings> => ({
  inboxPartitions: random.int(1, 4),
  inboxPrefetch: random.pick([5, 30, 100]),
  jobPrefetch: random.pick([2, 20]),
  mailboxLimit: random.pick([1, 3, 50]),
  commitMessages: random.pick([2, 3, 100]),
  decisionSlots: random.int(1, 3),
  decisionsInFlight: random.int(1, 2),
  decisionBatchRuns: random.pick([1, 3, 20]),
  decisionTimeoutMs: 5000,
  callTimeoutMs: random.pick([1000, 3000]),
  moverIntervalMs: isLong ? HOUR : random.pick([20_000, 60_000]),
  cachedRuns: random.pick([2, 1000]),
  completedRetentionMs: random.pick([10 * MINUTE, isLong ? 4 * HOUR : DAY]),
  failedRetentionMs: random.pick([DAY, 30 * DAY]),
});

/** Virtual time goes on until a moment, or until something is wrong. */
const goOnUntil = async (world: World, until: number, isOver: () => boolean = () => false): Promise<void> => {
  while (world.ledger.violations.length === 0 && !isOver() && (await world.scheduler.step(until))) {
    if (world.scheduler.happened > MOST_EVENTS)
      world.ledger.fail(
        `the world does not come to rest: ${[...world.ledger.runs.values()]
          .filter(({ state }) => !isClosedForGood(state))
          .map(
            ({ run, state }) =>
              `${run} ${state.phase}${state.paused ? ' paused' : ''}${state.blocked ? ' blocked' : ''} jobs ${[...state.jobs].map(([number, { status, generation }]) => `${number}.${generation} ${status}`).join()} timers ${[...state.timers.keys()].join()} children ${[...state.children].map(([number, { status }]) => `${number} ${status}`).join()}`,
          )
          .join('; ')}`,
      );
  }
  world.scheduler.now = Math.max(world.scheduler.now, isOver() ? 0 : until);
};

const isAtRest = (world: World, plan: readonly PlannedRun[]): boolean => {
  const { runs } = world.ledger;
  if (plan.some(({ run }) => !runs.has(run))) return false;
  for (const { state } of runs.values()) {
    if (!isClosedForGood(state) && state.phase !== 'failed' && state.phase !== 'unknown') return false;
  }
  return true;
};

/** After the faults: somebody looks after the runs every so often, until all have ended. */
const bringToRest = async (world: World, driver: Driver, plan: readonly PlannedRun[]): Promise<void> => {
  const giveUpAt = world.now + PATIENCE_MS;
  let waitMs = MINUTE;
  do {
    while (!isAtRest(world, plan) && world.ledger.violations.length === 0 && world.now < giveUpAt) {
      await goOnUntil(world, world.now + waitMs, () => isAtRest(world, plan));
      driver.lookAfterAll();
      waitMs = Math.min(waitMs * 2, 6 * HOUR);
    }
    // What was sent last arrives.
    await goOnUntil(world, world.now + 2 * MINUTE);
  } while (!isAtRest(world, plan) && world.ledger.violations.length === 0 && world.now < giveUpAt);
};

/** What a world is made of. */
interface Conditions {
  readonly faults: FaultMix;
  readonly settings: Partial<ConnectorSettings>;
  readonly plan: readonly PlannedRun[];
  readonly connectors: number;
  /** Nobody does more than start the runs. */
  readonly quiet: boolean;
}

const createWorld = (options: SimulationOptions, { faults, settings }: Conditions): World => {
  const { completedRetentionMs, failedRetentionMs } = { ...defaultSettings, ...settings };
  const ledger = new Ledger({ completedMs: completedRetentionMs, failedMs: failedRetentionMs });
  const world = new World({
    seed: options.seed,
    start: START_OF_TIME,
    faults,
    trace: createTrace(0, options.print),
    ledger,
    runs: options.makeRuns?.() ?? new SimRunStore(),
  });
  world.functions = new SimFunctions(world, { ...options.deployment.functions, instances: options.instances ?? world.random.int(1, 3) });
  world.bus.declare(Object.values({ ...topics, inbox: { ...topics.inbox, partitions: settings.inboxPartitions ?? 1 } }));
  return world;
};

/** Days go by under faults: runs are archived, their versions let go, and what was said before is said again. */
const letDaysGoBy = async (world: World, driver: Driver, fleet: Fleet, { faults, plan }: Conditions): Promise<void> => {
  world.faults = {
    ...faults,
    call: Math.min(faults.call, 0.02),
    crashEveryMs: 6 * HOUR,
    moveEveryMs: HOUR,
    rewindEveryMs: 6 * HOUR,
    pauseEveryMs: 0,
  };
  fleet.disturb();
  await goOnUntil(world, world.now + 8 * HOUR);
  driver.repeat();
  await goOnUntil(world, world.now + 28 * HOUR);
  world.endFaults();
  fleet.recover();
  await bringToRest(world, driver, plan);
  if (world.ledger.violations.length === 0) checkArchived(world);
};

/** The app is deployed before anything else, or while runs wait for it already; later it may be deployed once more. */
const deploy = (world: World, quiet: boolean): void => {
  const { random, scheduler, faults } = world;
  const put = (order: number): void => world.putManifest(describeManifest(order));
  if (quiet || random.chance(0.85)) put(1);
  else scheduler.after(random.int(0, 30_000), () => put(1));
  if (!quiet && random.chance(0.25)) scheduler.after(random.int(30_000, Math.max(60_000, faults.untilMs)), () => put(2));
};

/** Lets a world go on until nothing goes on in it any more. */
const play = async (options: SimulationOptions, conditions: Conditions): Promise<World> => {
  const { faults, settings, plan, connectors, quiet } = conditions;
  const world = createWorld(options, conditions);
  const driver = new Driver(world, createRandom(options.seed).fork('driver'), plan, options.eager ?? false);
  const fleet = new Fleet(world, options.start ?? startConnector, settings);
  deploy(world, quiet);
  fleet.open(connectors);
  fleet.disturb();
  driver.open(quiet);
  await goOnUntil(world, START_OF_TIME + faults.untilMs);
  world.endFaults();
  fleet.recover();
  await bringToRest(world, driver, plan);
  if (faults.untilMs > HOUR && world.ledger.violations.length === 0) await letDaysGoBy(world, driver, fleet, conditions);
  options.onEnd?.(world);
  if (world.ledger.violations.length === 0) await checkEnd(world, driver, plan, options.deployment.replay);
  return world;
};

/** Runs of which the outcome depends on their input alone end as they do where nothing goes wrong. */
const checkCalm = async (options: SimulationOptions, world: World, { settings, plan }: Conditions): Promise<void> => {
  const calm = plan.filter((planned) => planned.calm);
  if (calm.length === 0 || world.ledger.violations.length > 0) return;
  const { print: _print, onEnd: _onEnd, start: _start, makeRuns: _makeRuns, ...quietly } = options;
  const ideal = await play(quietly, { faults: noFaults, settings, plan: calm, connectors: 1, quiet: true });
  for (const violation of ideal.ledger.violations) world.ledger.fail(`where nothing goes wrong: ${violation}`);
  for (const { run } of calm) {
    const [outcome, expected] = [world, ideal].map(({ ledger }) => describeOutcome(ledger.runs.get(run)));
    if (outcome !== expected) world.ledger.fail(`${run} ended as ${outcome}, but as ${expected} where nothing goes wrong`);
  }
};

const describeOutcome = (record: RunRecord | undefined): string => {
  const end = record?.events.findLast(({ type }) => type === 'RunCompleted' || type === 'RunFailed' || type === 'RunCanceled');
  if (end?.type === 'RunCompleted') return `completed with ${JSON.stringify(end.output)}`;
  return end?.type === 'RunFailed' ? `failed with ${end.failure.code}` : String(end?.type);
};

/** Whether what became of a run has to do with time: it raced, waited for a timer, or was canceled. */
const isTimed = ({ events }: RunRecord): boolean =>
  events.some(
    (event) =>
      event.type === 'TimerStarted' ||
      event.type === 'CancelRequested' ||
      (event.type === 'RunStarted' && /"op":"(race|first|any)"/.test(JSON.stringify(event.input))),
  );

/** Runs a seed. */
export const simulate = async (options: SimulationOptions): Promise<SimulationResult> => {
  const random = createRandom(options.seed);
  const faults: FaultMix = { ...drawFaults(random.fork('faults')), ...options.faults };
  const isLong = faults.untilMs > HOUR;
  const conditions: Conditions = {
    faults,
    settings: { ...drawSettings(random.fork('settings'), isLong), ...options.settings },
    plan: planRuns(random.fork('programs'), { longestSleepMs: isLong ? DAY : 10 * MINUTE, heavy: options.heavy ?? false }),
    connectors: random.fork('fleet').chance(0.25) ? 3 : 2,
    quiet: false,
  };
  const world = await play(options, conditions);
  await checkCalm(options, world, conditions);
  const { runs, violations } = world.ledger;
  const commits = [...runs.values()].reduce((sum, record) => sum + record.commits.length, 0);
  const elapsedMs = world.now - START_OF_TIME;
  return {
    seed: options.seed,
    violations,
    digest: world.trace.digest(),
    runs: runs.size,
    timedRuns: [...runs.values()].filter(isTimed).length,
    commits,
    events: world.scheduler.happened,
    elapsedMs,
    trace: world.trace,
  };
};
