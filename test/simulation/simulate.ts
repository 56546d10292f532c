// Runs one seed: a world with faults for a while, then without, until no run is open; and says what went against the rules.
import { startConnector } from '../../src/connector/connector.ts';
import { defaultSettings, type ConnectorSettings } from '../../src/connector/context/settings.ts';
import { topics } from '../../src/protocol/topics.ts';
import { checkEnd } from './checks/end.ts';
import { describeManifest } from './deployment.ts';
import { Driver, planRuns, type PlannedRun } from './driver.ts';
import { drawFaults, type FaultMix } from './faults.ts';
import { Fleet, type StartConnector } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { createRandom, type Random } from './random.ts';
import { createTrace, type Trace } from './trace.ts';
import { isClosedForGood } from '../../src/engine/run/run-state.ts';
import { SimFunctions, type FunctionsOptions } from './world/sim-functions.ts';
import { World } from './world/world.ts';

/** What a simulation is run with. */
export interface SimulationOptions {
  readonly seed: number;
  readonly functions: Omit<FunctionsOptions, 'instances'>;
  /** The real connector, unless a variant of it is to be caught. */
  readonly start?: StartConnector;
  /** What differs from the faults that the seed draws. */
  readonly faults?: Partial<FaultMix>;
  readonly settings?: Partial<ConnectorSettings>;
  readonly print?: (line: string) => void;
}

/** What came of a simulation. */
export interface SimulationResult {
  readonly seed: number;
  /** The first is what counts; empty if all went well. */
  readonly violations: readonly string[];
  readonly digest: string;
  readonly runs: number;
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
  moverIntervalMs: isLong ? 30 * MINUTE : random.pick([20_000, 60_000]),
  cachedRuns: random.pick([2, 1000]),
  completedRetentionMs: random.pick([10 * MINUTE, DAY]),
  failedRetentionMs: random.pick([DAY, 30 * DAY]),
});

/** Virtual time goes on until a moment, or until something is wrong. */
const goOnUntil = async (world: World, until: number, isOver: () => boolean = () => false): Promise<void> => {
  while (world.ledger.violations.length === 0 && !isOver() && (await world.scheduler.step(until))) {
    if (world.scheduler.happened > MOST_EVENTS) world.ledger.fail(`the world does not come to rest: ${[...world.ledger.runs.values()].filter(({ state }) => !isClosedForGood(state)).map(({ run, state }) => `${run} ${state.phase}${state.paused ? ' paused' : ''}${state.blocked ? ' blocked' : ''} jobs ${[...state.jobs].map(([number, { status, generation }]) => `${number}.${generation} ${status}`).join()} timers ${[...state.timers.keys()].join()} children ${[...state.children].map(([number, { status }]) => `${number} ${status}`).join()}`).join('; ')}`);
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
  while (!isAtRest(world, plan) && world.ledger.violations.length === 0 && world.now < giveUpAt) {
    await goOnUntil(world, world.now + waitMs, () => isAtRest(world, plan));
    driver.lookAfterAll();
    waitMs = Math.min(waitMs * 2, 6 * HOUR);
  }
};

const createWorld = (options: SimulationOptions, random: Random, faults: FaultMix, settings: Partial<ConnectorSettings>): World => {
  const { completedRetentionMs, failedRetentionMs } = { ...defaultSettings, ...settings };
  const ledger = new Ledger({ completedMs: completedRetentionMs, failedMs: failedRetentionMs });
  const world = new World({ seed: options.seed, start: START_OF_TIME, faults, trace: createTrace(0, options.print), ledger });
  world.functions = new SimFunctions(world, { ...options.functions, instances: random.int(1, 3) });
  return world;
};

/** Runs a seed. */
export const simulate = async (options: SimulationOptions): Promise<SimulationResult> => {
  const random = createRandom(options.seed);
  const faults: FaultMix = { ...drawFaults(random.fork('faults')), ...options.faults };
  const isLong = faults.untilMs > HOUR;
  const settings = { ...drawSettings(random.fork('settings'), isLong), ...options.settings };
  const world = createWorld(options, random.fork('world'), faults, settings);
  const plan = planRuns(random.fork('programs'), isLong ? DAY : 10 * MINUTE);
  const driver = new Driver(world, random.fork('driver'), plan);
  const fleet = new Fleet(world, options.start ?? startConnector, settings);
  world.bus.declare(Object.values({ ...topics, inbox: { ...topics.inbox, partitions: settings.inboxPartitions ?? 1 } }));
  world.putManifest(describeManifest());
  fleet.open(random.fork('fleet').weigh([
    [3, 2],
    [1, 3],
  ]));
  driver.open(false);
  await goOnUntil(world, START_OF_TIME + faults.untilMs);
  world.endFaults();
  fleet.recover();
  await bringToRest(world, driver, plan);
  if (world.ledger.violations.length === 0) await checkEnd(world, driver, plan);
  const { runs, violations } = world.ledger;
  const commits = [...runs.values()].reduce((sum, record) => sum + record.commits.length, 0);
  return { seed: options.seed, violations, digest: world.trace.digest(), runs: runs.size, commits, events: world.scheduler.happened, elapsedMs: world.now - START_OF_TIME, trace: world.trace };
};

