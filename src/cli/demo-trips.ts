// The trips that the demo books, and how it tells of them.
import { startRun } from '../api/start-run.ts';
import { unpackValue } from '../api/values.ts';
import type { RunStatus } from '../protocol/commit.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { Failure } from '../protocol/payload.ts';
import type { Engine } from './compose.ts';
import { createTimeline } from './timeline.ts';

/** What a trip came to. */
export interface ToldTrip {
  readonly runId: string;
  readonly status: RunStatus;
  readonly output?: unknown;
  readonly failure?: Failure;
}

type Say = (line: string) => void;

/** A trip for whoever wants to try. */
export const trip = { customer: 'ada', from: 'Paris', to: 'Rome', price: 480, zone: 'Europe/Paris', shortWait: '2s' } as const;

/** No demo takes longer. */
const PATIENCE_MS = 60_000;
const REQUEST_MS = 10_000;

/** Books a trip: the payment fails at first and is retried; the wait until Monday is shortened. */
export const tellTrip = (engine: Engine, say: Say, signal?: AbortSignal): Promise<ToldTrip> => {
  say('A trip to Rome: the bank is busy at first, so the payment is tried again; "until Monday 9am" is cut to 2 seconds.');
  return tell(engine, 'trip', trip, say, signal);
};

/** Books a trip whose hotel is full: what was paid and booked is undone. */
export const tellSaga = (engine: Engine, say: Say): Promise<ToldTrip> => {
  say('A trip to Venice, where the hotel is full: the flight is canceled and the payment refunded.');
  return tell(engine, 'venice', { ...trip, to: 'Venice', hotelFull: true }, say);
};

/** @throws SETTINGS_INVALID if the engine does not run the booking app */
const requireBooking = ({ manifests }: Engine): void => {
  if (manifests.some(({ app, workflows }) => app === 'booking' && workflows.some(({ name }) => name === 'book-trip'))) return;
  throw new StarquakeError('SETTINGS_INVALID', 'The demo books trips, but the booking app does not run here.', {
    hint: 'Leave --demo out, or run workflows/booking/app.ts.',
  });
};

const tell = async (engine: Engine, name: string, input: unknown, say: Say, signal?: AbortSignal): Promise<ToldTrip> => {
  requireBooking(engine);
  const { ports, projection } = engine;
  const runId = `${name}-${ports.newId().slice(0, 8)}`;
  const timeline = createTimeline(runId, say);
  const unwatchMessages = engine.watchMessages((message) => timeline.tellMessage(message));
  const unwatchRun = projection.watch(runId, (news) => news.kind === 'commit' && timeline.tellCommit(news.commit));
  try {
    await startRun(
      { ports, projection, requestTimeoutMs: REQUEST_MS },
      { app: 'booking', workflow: 'book-trip', input, runId },
      { requestId: runId },
    );
    const row = await projection.awaitRun(runId, { timeoutMs: PATIENCE_MS, ...(signal && { signal }) });
    if (row?.closedAt === undefined)
      throw new StarquakeError('REQUEST_TIMED_OUT', `The run "${runId}" has not ended within ${PATIENCE_MS} ms.`);
    say('');
    const output = row.output === undefined ? undefined : await unpackValue(ports.payloads, row.output);
    return { runId, status: row.status, ...(output !== undefined && { output }), ...(row.failure && { failure: row.failure }) };
  } finally {
    unwatchMessages();
    unwatchRun();
  }
};
