// Shows a row of the projection as the API's clients see it.
import type { RunView } from '../client/http-contract.ts';
import { readHistory, readInput } from '../query/read-history.ts';
import type { JobRow, RunRow } from '../query/run-row.ts';
import type { ApiContext } from './api-context.ts';
import { unpackValue } from './values.ts';

/** The row without what would have to be read first: for lists. */
export const viewRow = (row: RunRow): RunView => ({
  runId: row.run,
  ...(row.startedAt !== undefined && { app: row.app, workflow: row.workflow, startedAt: row.startedAt }),
  ...(row.deployment !== undefined && { deployment: row.deployment }),
  status: row.status,
  tags: { ...row.tags },
  ...(row.said !== undefined && { says: row.said }),
  createdAt: row.createdAt,
  ...(row.closedAt !== undefined && { closedAt: row.closedAt }),
  ...(row.outcome !== undefined && { outcome: row.outcome }),
  ...(row.failure !== undefined && { failure: row.failure }),
  ...(row.nextTryAt !== undefined && { nextTryAt: row.nextTryAt }),
  version: row.version,
  ...(row.parent !== undefined && { parent: { runId: row.parent.run, event: row.parent.event } }),
  waitingFor: {
    jobs: [...row.jobs.values()].map((job) => viewJob(row, job)),
    timers: [...row.timers.values()],
    children: [...row.children.values()].map(({ number, run, workflow, attached, state }) => ({
      number,
      runId: run,
      workflow,
      attached,
      state,
    })),
  },
});

const viewJob = (
  row: RunRow,
  { number, name, generation, state, scheduledAt, attempts = 0, failure }: JobRow,
): RunView['waitingFor']['jobs'][number] => {
  const newest = row.attempts.get(number);
  const attempt = newest?.generation === generation ? newest : undefined;
  return {
    number,
    name,
    generation,
    state,
    scheduledAt,
    attempts: Math.max(attempts, attempt?.number ?? 0),
    ...(attempt && { attempt: attempt.state }),
    ...(failure && { failure }),
  };
};

/** The row with its result: for whoever waits. @throws PAYLOAD_MISSING, STORE_FAILED */
export const viewResult = async ({ ports }: ApiContext, row: RunRow): Promise<RunView> => {
  const view = viewRow(row);
  if (row.output === undefined) return view;
  const output = await unpackValue(ports.payloads, row.output);
  return output === undefined ? view : { ...view, output };
};

/** All of a run: its input, its result, and its history if asked. @throws PAYLOAD_MISSING, STORE_FAILED */
export const viewRun = async (context: ApiContext, row: RunRow, withHistory: boolean): Promise<RunView> => {
  const { bus, payloads } = context.ports;
  const [view, packed] = await Promise.all([viewResult(context, row), readInput(bus, row)]);
  const input = packed === undefined ? undefined : await unpackValue(payloads, packed);
  return {
    ...view,
    ...(input !== undefined && { input }),
    ...(withHistory && { history: (await readHistory(bus, row)).flatMap((commit) => commit.events) }),
  };
};
