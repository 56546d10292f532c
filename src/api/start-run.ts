// Starts a run once, however often it is asked: the run id says which, the input's hash says that it is the same.
import type { StartBody } from '../client/http-contract.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { RequestAnswer, RunRow } from '../query/run-row.ts';
import type { ApiContext } from './api-context.ts';
import { hashInput } from './hash-input.ts';
import { publishToInbox, settle } from './request-desk.ts';
import { packValue } from './values.ts';

/** A run that was asked for, and whether this request is what began it. */
export interface StartedRun {
  readonly row: RunRow;
  readonly isNew: boolean;
}

/** How a start was asked for. */
export interface StartRequest {
  readonly requestId: string;
  /** Says whether another start is the same; made from the input when left out. */
  readonly inputHash?: string;
  /** Trace context of whoever asks. */
  readonly traceparent?: string | undefined;
}

/**
 * Starts a run, or finds it started with the same input. Without a run id, the request id is the run id.
 *
 * @throws RUN_EXISTS, WORKFLOW_UNKNOWN, PAYLOAD_TOO_LARGE, REQUEST_TIMED_OUT
 */
export const startRun = async (
  context: ApiContext,
  body: StartBody,
  { requestId, inputHash = hashInput(body.input), traceparent }: StartRequest,
): Promise<StartedRun> => {
  const { ports, projection, requestTimeoutMs } = context;
  const run = body.runId ?? requestId;
  const standing = projection.find(run);
  if (standing?.startedAt !== undefined) return { row: checkSame(standing, body, inputHash), isNew: false };
  await publishToInbox(context, {
    type: 'StartRun',
    v: PROTOCOL_VERSION,
    run,
    app: body.app,
    workflow: body.workflow,
    input: await packValue(ports.payloads, run, body.input),
    inputHash,
    tags: body.tags ?? {},
    requestId,
    ...(body.deployment !== undefined && { deployment: body.deployment }),
    ...(traceparent !== undefined && { traceparent }),
  });
  // A start with the same input as another one leaves no event of its own: the run's start is its answer then.
  const look = (): RequestAnswer | undefined => {
    const row = projection.find(run);
    return row?.requests.get(requestId) ?? (row?.startedAt === undefined ? undefined : { kind: 'accepted' });
  };
  settle(run, await projection.waitUntil(run, look, { timeoutMs: requestTimeoutMs }), requestTimeoutMs);
  const row = projection.find(run);
  if (row === undefined) throw new StarquakeError('RUN_UNKNOWN', `No run "${run}" is known.`);
  return { row: checkSame(row, body, inputHash), isNew: true };
};

const checkSame = (row: RunRow, body: StartBody, inputHash: string): RunRow => {
  if (row.app !== body.app || row.workflow !== body.workflow || row.inputHash !== inputHash) {
    throw new StarquakeError('RUN_EXISTS', `The run "${row.run}" exists with another workflow or input.`);
  }
  if (row.outcome === 'refused')
    settle(
      row.run,
      { kind: 'refused', code: row.failure?.code ?? 'REQUEST_INVALID', message: row.failure?.message ?? 'The run was refused.' },
      0,
    );
  return row;
};
