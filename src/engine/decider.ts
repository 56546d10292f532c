// Computes decisions: drives the realm that holds an app's workflow code, run by run, event by event (rules 8 to 10).
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { DecisionAnswer, DecisionRequest, RunDecision } from '../protocol/functions.ts';
import type { Failure } from '../protocol/payload.ts';
import type { Realm, RealmHost, WorkflowRuntime } from '../ports/realm.ts';
import type { CalendarRule } from '../sdk/calendar.ts';
import { findNextOccurrence } from '../sdk/calendar-evaluation.ts';

/** Workflow code of one run may compute this long in one decision. */
export const DECISION_LIMIT_MS = 5000;

/** What a decider is made of. */
export interface DeciderOptions {
  /** The workflow bundle. */
  readonly source: string;
  readonly makeRealm: () => Realm;
  /** Milliseconds that one run's code may take; 5,000 when left out. */
  readonly limitMs?: number;
}

/** What the one who invokes a decision function says of itself. */
export interface DecisionContext {
  /** It ends this thread when a decision takes too long, so no watchdog of our own is needed: that is a thread for every call. */
  readonly guarded?: boolean;
}

/** Computes decisions. */
export interface Decider {
  decide(request: DecisionRequest, context?: DecisionContext): DecisionAnswer;
}

const host: RealmHost = {
  findNextOccurrence: (rule, after) => {
    try {
      return String(findNextOccurrence(JSON.parse(rule) as CalendarRule, after));
    } catch (error) {
      return `!${error instanceof Error ? error.message : String(error)}`;
    }
  },
};

const block = (failure: Failure): string => JSON.stringify({ kind: 'blocked', failure } satisfies RunDecision);
const needHistory = JSON.stringify({ kind: 'needHistory' } satisfies RunDecision);

const describe = (error: unknown): Failure => {
  if (error instanceof StarquakeError) return { code: error.code, name: error.name, message: error.message };
  return {
    code: 'DECISION_CRASHED',
    name: 'StarquakeError',
    message: `The workflow code could not be run: ${error instanceof Error ? error.message : String(error)}`,
  };
};

interface Place {
  readonly realm: Realm;
  readonly runtime: WorkflowRuntime;
}

const decideRun = ({ realm, runtime }: Place, input: string): string => {
  const deliveries = runtime.open(input);
  if (deliveries < 0) return needHistory;
  for (let i = 0; i < deliveries; i++) realm.step(() => runtime.deliver());
  return runtime.close();
};

/**
 * Makes a decider. It keeps live runs between calls; everything else about it is a function of the request.
 *
 * @example
 * const decider = createDecider({ source, makeRealm: makeVmRealm });
 * decider.decide({ v: 1, now: 0, links: {}, runs: [JSON.stringify(input)] });
 */
export const createDecider = ({ source, makeRealm, limitMs = DECISION_LIMIT_MS }: DeciderOptions): Decider => {
  let place: Place | undefined;

  const enter = (): Place => {
    if (place) return place;
    const realm = makeRealm();
    place = { realm, runtime: realm.limit(() => realm.evaluate(source, host), limitMs) };
    return place;
  };

  /** Decides runs from `from` on under one watchdog; returns how far it came. */
  const decideFrom = (runs: readonly string[], from: number, answers: string[], guarded: boolean): number => {
    const here = enter();
    let at = from;
    try {
      const decideRest = (): void => {
        for (; at < runs.length; at++) answers[at] = decideRun(here, runs[at] ?? '');
      };
      if (guarded) decideRest();
      else here.realm.limit(decideRest, limitMs);
    } catch (error) {
      here.runtime.abandon();
      const timedOut = error instanceof StarquakeError && error.code === 'DECISION_TIMED_OUT';
      if (timedOut) place = undefined;
      // A run that was cut off after others is tried once more with the whole limit for itself.
      if (timedOut && at > from) return at;
      answers[at] = block(describe(error));
      return at + 1;
    }
    return at;
  };

  return {
    decide: ({ runs }, { guarded = false } = {}) => {
      const answers: string[] = [];
      let at = 0;
      try {
        while (at < runs.length) at = decideFrom(runs, at, answers, guarded);
      } catch (error) {
        place = undefined;
        while (at < runs.length) answers[at++] = block(describe(error));
      }
      return { runs: answers };
    },
  };
};
