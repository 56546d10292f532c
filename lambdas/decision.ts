// The decision function of an app: histories of runs in, new events out; the workflow code runs in a realm of its own.
import { putDecided, readEvents } from '../src/adapters/payload-transfer/transfer-events.ts';
import { ignoreRealmRejections } from '../src/adapters/vm-realm/ignore-realm-rejections.ts';
import { makeVmRealm } from '../src/adapters/vm-realm/vm-realm.ts';
import { createDecider, type DecisionContext } from '../src/engine/decider.ts';
import type { DecisionAnswer, DecisionRequest } from '../src/protocol/functions.ts';
import { checkVersion } from './check-version.ts';
import { tellCode } from './tell-code.ts';

/**
 * Makes the handler of an app's decision function.
 *
 * @param source - the app's workflow bundle
 * @throws UPGRADE_ME, from the handler, for a request of a newer release; PAYLOAD_MISSING, STORE_FAILED
 */
export const createDecisionHandler = (
  source: string,
): ((request: DecisionRequest, context?: DecisionContext) => Promise<DecisionAnswer>) => {
  ignoreRealmRejections();
  const decider = createDecider({ source, makeRealm: makeVmRealm });
  return tellCode(async (request, context) => {
    checkVersion(request);
    const { links, grant } = request;
    const linked = Object.keys(links).length > 0;
    const runs = linked ? await Promise.all(request.runs.map((run) => readEvents(run, links))) : request.runs;
    const answer = decider.decide({ ...request, runs }, context);
    return grant === undefined ? answer : { runs: await Promise.all(answer.runs.map((run) => putDecided(run, grant))) };
  });
};
