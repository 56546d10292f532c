// The bugs that the simulator has to find: each opens again a hole that a rule of the protocol closes.
import type { ConnectorSettings } from '../../../src/connector/context/settings.ts';
import type { FaultMix } from '../clockwork/faults.ts';
import type { SimRunStore } from '../world/sim-run-store.ts';
import type { Patch } from './bundle-variant.ts';
import { ForgetfulRunStore, LooseClaimsRunStore, TombstoneRunStore, UncheckedRunStore } from './careless-stores.ts';

/** A bug to plant. */
export interface PlantedBug {
  readonly name: string;
  readonly patches?: readonly Patch[];
  readonly makeRuns?: () => SimRunStore;
  /** Faults and settings under which it shows soon. */
  readonly faults?: Partial<FaultMix>;
  readonly settings?: Partial<ConnectorSettings>;
  /** Runs are too large to be sent whole more often than not. */
  readonly heavy?: boolean;
  /** The administrator looks every few seconds, and retries jobs that are under way. */
  readonly eager?: boolean;
  /** Instances of the decision function. */
  readonly instances?: number;
  /** What it is caught by. */
  readonly caughtBy: RegExp;
}

const SECOND = 1000;

const loop = 'connector/orchestrator/mailbox-loop.ts';

/** Owners change all the time, and go on with what they had. */
const restless: Partial<FaultMix> = {
  moveEveryMs: 2 * SECOND,
  rewindEveryMs: 10 * SECOND,
  pauseEveryMs: 10 * SECOND,
  longestPauseMs: 10 * SECOND,
  untilMs: 120 * SECOND,
};
const flaky: Partial<FaultMix> = { call: 0.06, crashEveryMs: 15 * SECOND, untilMs: 120 * SECOND };

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'publish before commit',
    patches: [
      {
        file: loop,
        find: `    const outcome = tooOld`,
        replace: `    sealCommit(state, commit);
    copy.newest = { commit, text };
    if (!(await this.#publish(copy, taken, false))) return;
    const outcome = tooOld`,
      },
    ],
    caughtBy: /no commit promises it/,
  },
  {
    name: 'ack before publish',
    patches: [
      {
        file: loop,
        find: `    if (!(await this.#publish(copy, taken, false))) return;
    this.#finish(taken);`,
        replace: `    this.#finish(taken);
    if (!(await this.#publish(copy, taken, false))) return;`,
      },
    ],
    faults: flaky,
    caughtBy: /acked .* before v\d+ was published|committed before v\d+ was published/,
  },
  {
    name: 'append without the version check',
    makeRuns: () => new UncheckedRunStore(),
    faults: restless,
    caughtBy: /committed twice/,
  },
  {
    name: 'live runs keyed by version',
    patches: [
      {
        file: 'connector/orchestrator/decide-run.ts',
        find: `    commitId,
    ...(base !== undefined && { base }),`,
        replace: `    commitId: \`\${state.run}@\${state.version + 1}\`,
    ...(base !== undefined && { base: \`\${state.run}@\${state.version}\` }),`,
      },
    ],
    // Owners change while calls take seconds: two of them decide the same version with different mail.
    faults: { call: 0, invocation: 0, moveEveryMs: SECOND, usualDelayMs: 300, slow: 0.2, slowDelayMs: 8 * SECOND, untilMs: 120 * SECOND },
    settings: {
      inboxPartitions: 1,
      inboxPrefetch: 100,
      mailboxLimit: 50,
      commitMessages: 2,
      callTimeoutMs: 20 * SECOND,
      decisionTimeoutMs: 30 * SECOND,
    },
    heavy: true,
    instances: 1,
    caughtBy: /NON_DETERMINISTIC|the reference disagrees|event \d+ follows event|does not come to rest/,
  },
  {
    name: 'ack from a stale cache',
    patches: [
      { file: 'connector/orchestrator/accept-mail.ts', find: `stale ||= copy.freshAt < mail.arrival;`, replace: `stale ||= false;` },
    ],
    faults: restless,
    caughtBy: /without a commit|still open|never answered|before v\d+ was published/,
  },
  {
    name: 'a wake-up without a message (an in-memory trigger appends)',
    patches: [
      {
        file: loop,
        find: `    this.#finish(taken);
    // What comes`,
        replace: `    this.#finish(taken);
    if (mayDecide(state) && hasToDecide(state)) await this.#commit(copy, { taken: [], events: [], tries: false, next: undefined, stale: false, settled: false }, false);
    // What comes`,
      },
    ],
    caughtBy: /caused by no message/,
  },
  {
    name: 'a Wake whose id is not recorded',
    patches: [
      {
        file: loop,
        find: `new Set(taken.map((mail) => mail.id))`,
        replace: `new Set(taken.map((mail) => mail.id).filter((id) => !id.startsWith('wake/')))`,
      },
    ],
    caughtBy: /caused by no message/,
  },
  {
    name: 'messages accepted without deciding, and no Wake',
    patches: [
      {
        file: 'engine/outbox/outbox.ts',
        find: `else if (state.undecided.length > 0) outbox.letters.push(wake('undecided'));`,
        replace: ``,
      },
    ],
    settings: { mailboxLimit: 1 },
    caughtBy: /before v\d+ was published: .*wake\/\\d+\/undecided|before v\d+ was published|still open/,
  },
  {
    name: 'a timer put left out of "published"',
    patches: [
      {
        file: 'connector/context/publish-outbox.ts',
        find: `await Promise.all([publish([...letters, ...near]), putting]);`,
        replace: `putting?.catch(() => undefined);
  await publish([...letters, ...near]);`,
      },
    ],
    faults: flaky,
    caughtBy: /published: .*due\|/,
  },
  {
    name: 'commit items pruned at once',
    makeRuns: () => new ForgetfulRunStore(),
    faults: restless,
    caughtBy: /committed twice/,
  },
  {
    name: 'event numbers restarted by continueAs',
    patches: [
      {
        file: 'engine/evolve/evolve.ts',
        find: `  state.lastNumber = event.number;`,
        replace: `  state.lastNumber = event.type === 'RunContinued' ? 1 : event.number;`,
      },
    ],
    caughtBy: /event \d+ follows event \d+/,
  },
  {
    name: 'a tombstone outside the lock',
    makeRuns: () => new TombstoneRunStore(),
    faults: { ...restless, slow: 0.1, slowDelayMs: 5 * SECOND },
    settings: { failedRetentionMs: 10 * SECOND, completedRetentionMs: 5 * SECOND, callTimeoutMs: 10_000 },
    caughtBy: /committed twice/,
  },
  {
    name: 'generations counted per run',
    patches: [
      {
        file: 'engine/evolve/evolve-jobs.ts',
        find: `    known.status = 'open';`,
        replace: `    known.status = 'open';
    for (const job of state.jobs.values()) job.generation = event.generation;`,
      },
    ],
    eager: true,
    caughtBy: /before v\d+ was published: .*attempt|open in this generation|does not come to rest/,
  },
  {
    name: 'a Wake acked without a commit',
    patches: [
      {
        file: 'engine/accept/accept-lifecycle.ts',
        find: `    return { kind: 'commit', events: [], tries: true };`,
        replace: `    if (!state.blocked && !state.more && state.undecided.length === 0) return settled;
    return { kind: 'commit', events: [], tries: true };`,
      },
    ],
    caughtBy: /a Wake is committed/,
  },
  {
    name: 'a mailbox taken out of order',
    patches: [
      { file: loop, find: `const prefix = await this.#pack(this.#takePrefix());`, replace: `const prefix = this.#takePrefix().slice(-1);` },
    ],
    faults: { ...flaky, ...restless },
    caughtBy: /before v\d+ was published/,
  },
  {
    name: "a claim finished by another attempt's answer",
    makeRuns: () => new LooseClaimsRunStore(),
    // Calls come late, and attempts take long: an answer meets the claim of the next attempt.
    faults: {
      call: 0.15,
      callFaults: [
        [1, 'dropped'],
        [1, 'late'],
      ],
      invocation: 0.6,
      functionFaults: [[1, 'slow']],
      untilMs: 240 * SECOND,
    },
    caughtBy: /was finished by another attempt's answer/,
  },
];
