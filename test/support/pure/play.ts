// Plays a run through the decider alone, twice: live, and replayed from its whole history by code that has seen nothing; both must ask for the same.
import { isDeepStrictEqual } from 'node:util';
import { makeVmRealm } from '../../../src/adapters/vm-realm/vm-realm.ts';
import { ignoreRealmRejections } from '../../../src/adapters/vm-realm/ignore-realm-rejections.ts';
import { completeDecision } from '../../../src/engine/commit/complete-decision.ts';
import { createDecider, type Decider } from '../../../src/engine/decider.ts';
import { evolve, sealCommit } from '../../../src/engine/evolve/evolve.ts';
import { createRunState, type RunState } from '../../../src/engine/run/run-state.ts';
import { summarize } from '../../../src/engine/run/summary.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import { runEventSchema, type EventOf, type NewEvent, type RunEvent, type RunEventType } from '../../../src/protocol/events.ts';
import { runDecisionSchema, type DecisionInput, type RunDecision } from '../../../src/protocol/functions.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { toMilliseconds, type Duration } from '../../../src/sdk/duration.ts';
import { payload, runStarted } from './drafts.ts';

/** What one decision came to. */
export type Played =
  { readonly kind: 'decided'; readonly events: readonly RunEvent[]; readonly more: boolean } | Extract<RunDecision, { kind: 'blocked' }>;

/** Live runs are kept for long histories only: this makes any history long. */
const LONG = 'x'.repeat(32 * 1024);

const UNDECIDED: Played = { kind: 'blocked', failure: { code: '', name: '', message: '' } };

let plays = 0;

/** A run that is played. */
export class Play {
  readonly state: RunState;
  readonly commits: Commit[] = [];
  readonly #live: Decider;
  readonly #cold: Decider;
  /** Live runs are found by the ids of commits, so these differ from play to play. */
  readonly #number = plays++;
  #now = Date.UTC(2026, 0, 1);
  #base: string | undefined;
  /** How many decisions a live run answered. */
  answeredLive = 0;

  constructor(deciders: { readonly live: Decider; readonly cold: Decider }, run: string) {
    this.#live = deciders.live;
    this.#cold = deciders.cold;
    this.state = createRunState(run);
  }

  /** Lets time pass before the next commit. */
  pass(duration: Duration): this {
    this.#now += toMilliseconds(duration);
    return this;
  }

  get now(): number {
    return this.#now;
  }

  get history(): readonly RunEvent[] {
    return this.commits.flatMap(({ events }) => events);
  }

  /** The run's events of one type. */
  events<T extends RunEventType>(type: T): readonly EventOf<T>[] {
    return this.history.filter((event): event is EventOf<T> => event.type === type);
  }

  /** The output, if the run has completed. */
  get output(): unknown {
    const output = this.events('RunCompleted').at(-1)?.output;
    return output && 'json' in output ? output.json : undefined;
  }

  /** Starts a workflow. */
  start(workflow: string, input?: unknown, more: Partial<Extract<NewEvent, { type: 'RunStarted' }>> = {}): Played {
    return this.when(runStarted({ workflow, input: payload(input), traceparent: LONG, ...more }));
  }

  /** Commits events that came, with the decision that follows. */
  when(...drafts: readonly NewEvent[]): Played {
    const accepted = drafts.map((draft) => this.#fold(draft));
    const played = this.#decide(accepted);
    const events = played.kind === 'decided' ? [...accepted, ...played.events] : accepted;
    this.#commit(events, played);
    return played;
  }

  /** Commits events that came, and asks nothing. */
  record(...drafts: readonly NewEvent[]): void {
    this.#commit(
      drafts.map((draft) => this.#fold(draft)),
      UNDECIDED,
    );
  }

  /** Takes over the history of another run, as it was decided, for another workflow: as if its code had changed. */
  takeOver(other: Play, workflow: string): this {
    for (const { events, decided, more } of other.commits) {
      const folded = events.map((event) => this.#fold(event.type === 'RunStarted' ? { ...event, workflow } : event));
      this.#commit(folded, decided ? { kind: 'decided', events: [], more } : UNDECIDED);
    }
    return this.forgetLive();
  }

  /** Decides again while there is more. */
  goOn(): void {
    for (let rounds = 0; this.state.more && rounds < 100; rounds++) this.when();
  }

  /** The next decision finds no live run. */
  forgetLive(): this {
    this.#base = undefined;
    return this;
  }

  #name(version: number): string {
    return `play ${this.#number} commit ${version}`;
  }

  #fold(draft: NewEvent): RunEvent {
    const event = runEventSchema.parse({ ...draft, number: this.state.lastNumber + 1, at: this.#now });
    evolve(this.state, event, 0);
    return event;
  }

  #decide(accepted: readonly RunEvent[]): Played {
    const { state } = this;
    const head = {
      run: state.run,
      app: state.header?.app ?? '',
      workflow: state.header?.workflow ?? '',
      commitId: this.#name(state.version + 1),
    };
    const common = { ...head, nextNumber: state.lastNumber + 1, decidedUpTo: state.decidedUpTo };
    const all = [...this.history, ...accepted];
    const beginning = all.slice(
      Math.max(
        0,
        all.findLastIndex(({ type }) => type === 'RunContinued' || type === 'SignalsExpired'),
      ),
    );
    const cold = ask(this.#cold, { ...common, events: beginning });
    const live =
      this.#base === undefined || state.liveCommit === undefined
        ? undefined
        : ask(this.#live, { ...common, base: this.#base, events: state.undecided });
    if (live === undefined || live.kind === 'needHistory') requireSame(ask(this.#live, { ...common, events: beginning }), cold);
    else this.answeredLive++;
    if (live !== undefined && live.kind !== 'needHistory') requireSame(live, cold);
    if (cold.kind === 'needHistory') throw new Error('a history was given, and asked for');
    if (cold.kind === 'blocked') return cold;
    const events = completeDecision(state, cold.events, this.#now);
    for (const event of events) evolve(state, event, 0);
    return { kind: 'decided', events, more: cold.more };
  }

  #commit(events: readonly RunEvent[], played: Played): void {
    const { state } = this;
    const version = state.version + 1;
    const commit: Commit = {
      v: PROTOCOL_VERSION,
      run: state.run,
      version,
      id: this.#name(version),
      at: this.#now,
      epoch: 0,
      messages: [`message ${version}`],
      decided: played.kind === 'decided',
      more: played.kind === 'decided' ? played.more : state.more,
      events: [...events],
      summary: summarize(state, version),
    };
    this.commits.push(commit);
    sealCommit(state, commit);
    if (played.kind === 'decided') this.#base = commit.id;
  }
}

const requireSame = (live: RunDecision, cold: RunDecision): void => {
  if (!isDeepStrictEqual(live, cold))
    throw new Error(`Live, the decision is ${JSON.stringify(live)}; replayed, it is ${JSON.stringify(cold)}.`);
};

const ask = (decider: Decider, input: DecisionInput): RunDecision => {
  const [answer] = decider.decide({ v: PROTOCOL_VERSION, now: 0, links: {}, runs: [JSON.stringify(input)] }).runs;
  return runDecisionSchema.parse(JSON.parse(answer ?? ''));
};

/** Makes players of an app's workflows: one pair of realms serves all their runs. */
export const makePlayers = (source: string): ((run?: string) => Play) => {
  ignoreRealmRejections();
  const deciders = { live: createDecider({ source, makeRealm: makeVmRealm }), cold: createDecider({ source, makeRealm: makeVmRealm }) };
  return (run = 'run') => new Play(deciders, run);
};

/** Types of a decision's events. */
export const typesOf = (played: Played): readonly string[] =>
  played.kind === 'decided' ? played.events.map(({ type }) => type) : [played.failure.code];
