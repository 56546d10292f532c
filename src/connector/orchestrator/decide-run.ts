// Asks for the decision of one run and turns it into events: commands, or why it is blocked (rules 9 to 11).
import type { Commit } from '../../protocol/commit.ts';
import type { NewEvent, RunEvent } from '../../protocol/events.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { SCHEDULE_WORKFLOW } from '../../protocol/schedule-names.ts';
import type { DecisionInput, RunDecision } from '../../protocol/functions.ts';
import { chooseFunctionVersion } from '../../protocol/version.ts';
import { planTry } from '../../engine/accept/plan-try.ts';
import { completeDecision } from '../../engine/commit/complete-decision.ts';
import { evolve } from '../../engine/evolve/evolve.ts';
import type { RunHeader, RunState } from '../../engine/run/run-state.ts';
import type { Deployments } from '../context/deployments.ts';
import { packSignals } from '../context/pack-message.ts';
import type { PayloadAccess } from '../context/payload-access.ts';
import type { Decisions } from './decisions.ts';

/** What deciding a run needs. */
export interface DecideOptions {
  readonly state: RunState;
  /** Id of the commit to be. */
  readonly commitId: string;
  readonly epoch: number;
  readonly writeVersion: number;
  /** Events accepted for this commit, folded into the state already. */
  readonly accepted: readonly RunEvent[];
  readonly deployments: Deployments;
  readonly decisions: Decisions;
  readonly load: () => Promise<readonly Commit[]>;
  readonly payloads: PayloadAccess;
  readonly now: () => number;
}

/** What a decision adds to its commit. */
export interface Decided {
  readonly events: readonly RunEvent[];
  readonly decided: boolean;
  readonly more: boolean;
}

/** Events of a run's present beginning, signals from before its start included unless they have expired. */
export const selectBeginning = (commits: readonly Commit[]): readonly RunEvent[] => {
  const events = commits.flatMap((commit) => commit.events);
  return events.slice(
    Math.max(
      0,
      events.findLastIndex((event) => event.type === 'RunContinued' || event.type === 'SignalsExpired'),
    ),
  );
};

const fold = ({ state, epoch, now }: DecideOptions, drafts: readonly NewEvent[]): RunEvent[] => {
  const at = Math.max(now(), state.lastAt);
  return drafts.map((draft) => {
    const event = { ...draft, number: state.lastNumber + 1, at };
    evolve(state, event, epoch);
    return event;
  });
};

const block = (options: DecideOptions, failure: Extract<RunDecision, { kind: 'blocked' }>['failure']): Decided => {
  const { state, now } = options;
  const tries = (state.blocked?.tries ?? 0) + 1;
  const nextTryAt = planTry(tries, state.blocked ? now() - state.blocked.since : 0, now());
  return { events: fold(options, [{ type: 'RunBlocked', failure, tries, nextTryAt }]), decided: false, more: state.more };
};

/** What comes before the commands when a blocked run is decided: it is not blocked any more, and may be on another deployment. */
const draftUnblocking = (state: RunState, header: RunHeader, deployment: string): readonly NewEvent[] => [
  ...(state.blocked ? [{ type: 'RunUnblocked' as const }] : []),
  ...(header.deployment === deployment ? [] : [{ type: 'DeploymentChanged' as const, deployment }]),
];

const writeInput = (
  options: DecideOptions,
  header: RunHeader,
  unblocking: number,
  events: readonly RunEvent[],
  base: string | undefined,
): string => {
  const { state, commitId } = options;
  const input: DecisionInput = {
    run: state.run,
    app: header.app,
    workflow: header.workflow,
    commitId,
    ...(base !== undefined && { base }),
    nextNumber: state.lastNumber + 1 + unblocking,
    decidedUpTo: state.decidedUpTo,
    events,
  };
  return JSON.stringify(input);
};

const ask = async (options: DecideOptions, header: RunHeader, manifest: Manifest, unblocking: number): Promise<RunDecision> => {
  const { state, decisions, accepted, load, writeVersion } = options;
  const to = { function: manifest.decisionFunction, functionVersion: chooseFunctionVersion(manifest, writeVersion) };
  const send = (events: readonly RunEvent[], base?: string): Promise<RunDecision> => {
    const input = writeInput(options, header, unblocking, events, base);
    return decisions.decide({ ...to, app: header.app, workflow: header.workflow, run: state.run, input });
  };
  if (state.history) return send(state.history);
  if (state.liveCommit !== undefined) {
    const decision = await send(state.undecided, state.liveCommit);
    if (decision.kind !== 'needHistory') return decision;
  }
  return send([...selectBeginning(await load()), ...accepted]);
};

/** A schedule begins anew on the newest deployment (rule 18); every other run stays on its own. */
const findNextDeployment = (deployments: Deployments, { app, workflow }: RunHeader, present: string): string | undefined => {
  const newest = workflow === SCHEDULE_WORKFLOW ? deployments.find(app)?.deployment : undefined;
  return newest === present ? undefined : newest;
};

/** A blocked run tries the newest deployment (rule 11), unless it has not begun and asked for one: that one is waited for. */
const findManifest = (deployments: Deployments, state: RunState, { app, deployment }: RunHeader): Manifest | undefined => {
  const tries = state.blocked !== undefined && !(state.decidedUpTo === 0 && deployment !== undefined);
  return tries || deployment === undefined ? deployments.find(app) : deployments.find(app, deployment);
};

/** Decides a run and folds what comes of it into its state, in place. */
export const decideRun = async (options: DecideOptions): Promise<Decided> => {
  const { state, deployments, epoch, now } = options;
  const { header } = state;
  if (!header) return { events: [], decided: false, more: false };
  const manifest = findManifest(deployments, state, header);
  if (!manifest) {
    const known = deployments.find(header.app) !== undefined;
    const message = known
      ? `The deployment "${header.deployment ?? ''}" of the app "${header.app}" is not known.`
      : `No deployment of the app "${header.app}" is known yet.`;
    return block(options, { code: known ? 'DEPLOYMENT_UNKNOWN' : 'APP_UNKNOWN', name: 'StarquakeError', message });
  }
  const unblocking = draftUnblocking(state, header, manifest.deployment);
  const decision = await ask(options, header, manifest, unblocking.length);
  if (decision.kind !== 'decided') {
    return block(
      options,
      decision.kind === 'blocked'
        ? decision.failure
        : { code: 'DECISION_CRASHED', name: 'StarquakeError', message: 'The decision function asked for a history that it was given.' },
    );
  }
  const opening = fold(options, unblocking);
  const next = findNextDeployment(deployments, header, manifest.deployment);
  const emitted = await packSignals(options.payloads, state.run, decision.events);
  const commands = completeDecision(state, emitted, Math.max(now(), state.lastAt), next);
  for (const event of commands) evolve(state, event, epoch);
  return { events: [...opening, ...commands], decided: true, more: decision.more };
};
