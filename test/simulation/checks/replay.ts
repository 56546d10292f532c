// Replays whole histories through the real decider, from scratch: every beginning must come to just what is recorded, and to nothing more.
import { makeVmRealm } from '../../../src/adapters/vm-realm/vm-realm.ts';
import { createDecider } from '../../../src/engine/decider.ts';
import type { DecisionInput, RunDecision } from '../../../src/protocol/functions.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import type { RunRecord } from '../ledger/run-record.ts';
import { splitBeginnings, type Beginning } from '../reference/beginnings.ts';

/** Replays a run. @returns what differs */
export type Replay = (record: RunRecord) => readonly string[];

const explain = (decision: RunDecision, { continued }: Beginning): string | undefined => {
  if (decision.kind !== 'decided') return decision.kind === 'blocked' ? decision.failure.message : 'the history was asked for';
  const asked = decision.events.map(({ type }) => type).join();
  const expected = continued ? 'RunContinued' : '';
  return asked === expected ? undefined : `the code asks for "${asked}", not for "${expected}"`;
};

/** @param source - the workflow bundle */
export const createReplay = (source: string): Replay => {
  const decider = createDecider({ source, makeRealm: makeVmRealm });
  return ({ run, commits, state }) => {
    const { header } = state;
    // What was terminated or never begun may have more to ask for.
    if (
      !header ||
      state.phase === 'terminated' ||
      commits.some(({ events }) => events.some(({ type }) => type === 'RunTerminated' || type === 'RunRefused'))
    )
      return [];
    return splitBeginnings(commits).flatMap((beginning) => {
      const last = beginning.events.at(-1)?.number ?? 0;
      const input: DecisionInput = {
        run,
        app: header.app,
        workflow: header.workflow,
        commitId: 'replay',
        nextNumber: last + 1,
        decidedUpTo: last,
        events: beginning.events,
      };
      const [answer = ''] = decider.decide(
        { v: PROTOCOL_VERSION, now: 0, links: {}, runs: [JSON.stringify(input)] },
        { guarded: true },
      ).runs;
      const difference = explain(JSON.parse(answer) as RunDecision, beginning);
      return difference === undefined ? [] : [difference];
    });
  };
};
