// Everybody outside: starts runs, sends signals early, late and twice, and looks after runs as an administrator would.
import type { InboxMessage } from '../../../src/protocol/messages.ts';
import { isClosedForGood } from '../../../src/engine/run/run-state.ts';
import { writeInbox, type InboxDraft } from '../../../src/engine/outbox/derivation.ts';
import type { RunRecord } from '../ledger/run-record.ts';
import { makeProgram, type ProgramOptions } from '../programs/random-program.ts';
import type { Program } from '../programs/program.ts';
import type { Random } from '../clockwork/random.ts';
import type { World } from '../world/world.ts';

/** A run that is started from outside. */
export interface PlannedRun {
  readonly run: string;
  readonly program: Program;
  /** Its outcome depends on its input alone. */
  readonly calm: boolean;
}

/** Makes the runs of a seed. */
export const planRuns = (random: Random, options: ProgramOptions): readonly PlannedRun[] =>
  Array.from({ length: random.int(3, 7) }, (_, index) => {
    const calm = random.chance(0.35);
    return { run: `r${index}`, calm, program: makeProgram(random, calm, options) };
  });

/** A draft of a message without what every request carries. */
type Request = InboxDraft extends infer D ? (D extends { readonly requestId: string } ? Omit<D, 'requestId'> : never) : never;

const SIGNALS = ['red', 'green', 'blue'] as const;

/** The outside of a world. */
export class Driver {
  readonly #world: World;
  readonly #random: Random;
  readonly #plan: readonly PlannedRun[];
  readonly #eager: boolean;
  #requests = 0;
  /** Every request that was made, by run and request id. */
  readonly requests: { readonly run: string; readonly requestId: string; readonly message: InboxMessage }[] = [];

  /** @param eager - the administrator looks every few seconds, and retries jobs that are under way */
  constructor(world: World, random: Random, plan: readonly PlannedRun[], eager: boolean) {
    this.#eager = eager;
    this.#world = world;
    this.#random = random;
    this.#plan = plan;
  }

  /** Starts all runs within the first part of the time of faults. @param quiet - nobody does more than start them */
  open(quiet: boolean): void {
    for (const planned of this.#plan) {
      const startsAt = this.#random.int(0, quiet ? 1 : Math.min(60_000, this.#world.faults.untilMs / 2));
      this.#later(startsAt, () => this.start(planned));
      if (quiet) continue;
      if (this.#random.chance(0.2)) this.#later(startsAt + this.#random.int(0, 60_000), () => this.start(planned));
      if (this.#random.chance(0.05))
        this.#later(startsAt + this.#random.int(1000, 60_000), () =>
          this.start({ ...planned, program: { ...planned.program, id: 'other' } }),
        );
      this.#meddle(planned, startsAt);
    }
    if (!quiet) this.#look();
  }

  /** Long after the end everything is said once more: nothing may come of it. */
  repeat(): void {
    for (const planned of this.#plan) {
      this.start(planned);
      this.start({ ...planned, program: { ...planned.program, id: 'other' } });
      this.ask({ type: 'Signal', run: planned.run, signal: 'red', value: { json: 'too late' } });
      this.ask({ type: 'Cancel', run: planned.run, reason: 'too late' });
    }
  }

  start({ run, program }: PlannedRun): void {
    const requestId = `start/${run}/${program.id}/${this.#requests++}`;
    this.#publish(writeStart(run, program, requestId));
  }

  /** Sends a request, once or twice. */
  ask(request: Request): void {
    const requestId = `q${this.#requests++}`;
    this.#publish({ ...request, requestId });
  }

  #later(ms: number, fn: () => void): void {
    this.#world.scheduler.after(ms, fn);
  }

  #publish(draft: InboxDraft): void {
    const letter = writeInbox(draft);
    const message = JSON.parse(letter.body) as InboxMessage;
    if ('requestId' in message) this.requests.push({ run: message.run, requestId: message.requestId, message });
    const { random, faults } = this.#world;
    const send = (again: boolean): void => {
      this.#world.note(`outside: ${letter.key} ${message.type} ${letter.id}`);
      this.#world.bus.publish([again ? { ...letter, again } : letter]);
    };
    send(false);
    if (random.chance(faults.duplicate * 2)) this.#later(random.int(0, 90_000), () => send(true));
  }

  /** What is done to a run whatever it does. */
  #meddle({ run, calm, program }: PlannedRun, startsAt: number): void {
    const random = this.#random;
    const span = this.#world.faults.untilMs;
    const soon = (): number => Math.max(0, startsAt + random.int(-5000, random.pick([5000, 60_000, span])));
    if (random.chance(0.15)) {
      const pausesAt = startsAt + random.int(0, 30_000);
      this.#later(pausesAt, () => this.ask({ type: 'Pause', run }));
      this.#later(pausesAt + random.int(0, 60_000), () => this.ask({ type: 'Resume', run }));
    }
    if (calm) return;
    for (const signal of SIGNALS) {
      for (let count = random.int(0, 2); count > 0; count--)
        this.#later(soon(), () => this.ask({ type: 'Signal', run, signal, value: { json: `${signal} ${count}` } }));
    }
    const child = /"id":"(c\d+)"/.exec(JSON.stringify(program.body))?.[1];
    if (child !== undefined && random.chance(0.3))
      this.#later(soon(), () =>
        this.ask({ type: 'Signal', run: `${run}/${child}.0`, signal: random.pick(SIGNALS), value: { json: 'early' } }),
      );
    if (random.chance(0.25)) this.#later(soon(), () => this.ask({ type: 'Cancel', run, reason: 'somebody canceled it' }));
    if (random.chance(0.05)) this.#later(soon(), () => this.ask({ type: 'Terminate', run, reason: 'somebody terminated it' }));
  }

  /** Now and then an administrator looks at everything. */
  #look(): void {
    this.#later(this.#eager ? this.#random.int(500, 3000) : this.#random.int(5000, 120_000), () => {
      if (this.#world.faults.untilMs === 0) return;
      for (const record of this.#world.ledger.runs.values()) if (this.#random.chance(0.5)) this.#attend(record, false);
      this.#look();
    });
  }

  /** Does for every open run what only somebody outside can do. */
  lookAfterAll(): void {
    for (const record of this.#world.ledger.runs.values()) this.#attend(record, true);
  }

  #attend(record: RunRecord, all: boolean): void {
    const { state, run } = record;
    const random = this.#random;
    if (isClosedForGood(state) || state.phase === 'unknown' || (all && state.phase === 'expected')) return;
    const planned = this.#plan.find((one) => one.run === run.split('/')[0]);
    if (state.phase === 'failed') return this.#retry(record, planned, all);
    if (state.paused && (all || random.chance(0.5))) this.ask({ type: 'Resume', run });
    for (const [job, { status, event }] of state.jobs) {
      const { input } = event;
      if (status === 'held') this.#attendHeld(run, job);
      else if (planned?.calm !== true && !all && random.chance(0.03))
        this.ask({ type: random.pick(['CompleteJob', 'CancelJob'] as const), run, job, output: { json: 'by hand' } });
      else if (!all && status === 'open' && random.chance(this.#eager ? 0.3 : 0.05))
        this.ask({ type: 'RetryJob', run, job, newKey: random.chance(0.3) });
      else if (JSON.stringify(input).includes('"delegate"') && random.chance(0.5)) this.#complete(record, job);
    }
    for (const [timer, { event }] of state.timers)
      if (planned?.calm !== true && !all && event.dueAt > this.#world.now + 60_000 && random.chance(0.1))
        this.ask({ type: 'FireTimer', run, timer });
    if (all) for (const signal of SIGNALS) this.ask({ type: 'Signal', run, signal, value: { json: 'at last' } });
  }

  #attendHeld(run: string, job: number): void {
    const type = this.#random.weigh([
      [3, 'RetryJob'],
      [1, 'CompleteJob'],
      [1, 'CancelJob'],
    ] as const);
    if (type === 'RetryJob') this.ask({ type, run, job, newKey: this.#random.chance(0.3) });
    else if (type === 'CompleteJob') this.ask({ type, run, job, output: { json: 'by hand' } });
    else this.ask({ type, run, job });
  }

  /** Whoever has the token of a delegated job completes it. */
  #complete({ run, state }: RunRecord, job: number): void {
    const waiting = state.jobs.get(job);
    if (!waiting || !this.#world.ledger.wasAttempted(run, job)) return;
    this.#publish({
      type: 'JobSucceeded',
      run,
      epoch: waiting.epoch,
      job,
      generation: waiting.generation,
      output: { json: 'by token' },
      attempt: 1,
    });
  }

  #retry({ run, state, events }: RunRecord, planned: PlannedRun | undefined, all: boolean): void {
    if (all || planned?.calm === true || state.header?.parent?.attached === true) return;
    const retries = events.filter((event) => event.type === 'RunRetried' || event.type === 'RequestRefused').length;
    if (retries < 3 && this.#random.chance(0.7)) this.ask({ type: 'RetryRun', run });
  }
}

const writeStart = (run: string, program: Program, requestId: string): InboxDraft => ({
  type: 'StartRun',
  run,
  app: 'sim',
  workflow: 'program',
  input: { json: program },
  inputHash: `${run}/${program.id}`,
  tags: {},
  requestId,
});
