// What a workflow bundle leaves in its realm: takes up runs, delivers their events, answers what their code asked for.
import type { DecisionInput } from '../../protocol/functions.ts';
import type { AnyWorkflow } from '../../sdk/flow.ts';
import type { RealmHost, WorkflowRuntime } from '../../ports/realm.ts';
import { sandbox } from '../sandbox/sandbox-host.ts';
import { Disagreement } from './command-log.ts';
import { beginRun } from './execute.ts';
import { createFlow } from './run-flow.ts';
import { LiveRun } from './live-run.ts';

/** Live runs are kept for histories above this many characters (rule 10). */
const LIVE_CHARACTERS = 24 * 1024;
/** At most this many; the one that was not asked for longest goes first. */
const LIVE_RUNS = 1000;

interface Opened {
  readonly input: DecisionInput;
  readonly live: LiveRun | undefined;
  readonly characters: number;
}

/** What an app offers to its workflows. */
export interface Offer {
  readonly workflows: readonly AnyWorkflow[];
  /** Names of its jobs. */
  readonly jobs: ReadonlySet<string>;
}

/** Makes the runtime of an app's workflows. */
export const createRuntime = ({ workflows, jobs }: Offer, host: RealmHost): WorkflowRuntime => {
  const liveRuns = new Map<string, { readonly live: LiveRun; readonly characters: number }>();
  let opened: Opened | undefined;
  const names = new Set(workflows.map(({ name }) => name));
  const listed = (target: { readonly kind: 'job' | 'workflow'; readonly name: string }): boolean =>
    (target.kind === 'job' ? jobs : names).has(target.name);

  const start = (input: DecisionInput): LiveRun | undefined => {
    const workflow = workflows.find(({ name }) => name === input.workflow);
    return workflow && new LiveRun(input, (live, event) => beginRun(live, workflow, event, createFlow(live, host, listed)));
  };

  const keep = (id: string, live: LiveRun, characters: number): void => {
    liveRuns.set(id, { live, characters });
    if (liveRuns.size <= LIVE_RUNS) return;
    const [oldest] = liveRuns.keys();
    if (oldest !== undefined) liveRuns.delete(oldest);
  };

  return {
    open: (text) => {
      const input = JSON.parse(text) as DecisionInput;
      const base = input.base === undefined ? undefined : liveRuns.get(input.base);
      if (input.base !== undefined && !base) return -1;
      // A branch that loses its append is never continued: the live run moves on under the new commit's id.
      if (input.base !== undefined) liveRuns.delete(input.base);
      const live = base?.live ?? start(input);
      opened = { input, live, characters: (base?.characters ?? 0) + text.length };
      return live?.takeUp(input) ?? 0;
    },
    deliver: () => {
      if (!opened?.live) return;
      sandbox.run = opened.live;
      opened.live.deliverNext();
    },
    close: () => {
      if (!opened) return '';
      const { input, live, characters } = opened;
      opened = undefined;
      sandbox.run = undefined;
      const answer = live
        ? answerOf(live)
        : {
            problem: {
              code: 'WORKFLOW_UNKNOWN',
              message: `This deployment of the app "${input.app}" has no workflow "${input.workflow}".`,
            },
          };
      if (answer.problem) return JSON.stringify({ kind: 'blocked', failure: { name: 'StarquakeError', ...answer.problem } });
      if (live && !live.closed && characters > LIVE_CHARACTERS) keep(input.commitId, live, characters);
      return `{"kind":"decided","more":${answer.more},"events":[${answer.events.join(',')}]}`;
    },
    abandon: () => {
      opened = undefined;
      sandbox.run = undefined;
    },
  };
};

type Answer =
  | { readonly problem: { readonly code: string; readonly message: string }; readonly events?: never; readonly more?: never }
  | { readonly problem?: undefined; readonly events: readonly string[]; readonly more: boolean };

const answerOf = (live: LiveRun): Answer => {
  const disagree = (error: Error): Answer => ({ problem: { code: 'NON_DETERMINISTIC', message: error.message } });
  if (live.disagreement) return disagree(live.disagreement);
  try {
    return live.end();
  } catch (error) {
    if (error instanceof Disagreement) return disagree(error);
    throw error;
  }
};
