// Opens the API over the embedded store in memory, with somebody at the other end of `inbox` who answers as a test says.
import { openEmbeddedStore, type EmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import type { ApiContext } from '../../../src/api/api-context.ts';
import { createApi } from '../../../src/api/create-api.ts';
import type { RunStatus } from '../../../src/protocol/commit.ts';
import type { NewEvent } from '../../../src/protocol/events.ts';
import { identifyMessage } from '../../../src/protocol/message-ids.ts';
import { inboxMessageSchema, type InboxMessage } from '../../../src/protocol/messages.ts';
import { topics } from '../../../src/protocol/topics.ts';
import { followHistory, type HistoryFollower } from '../../../src/query/follow-history.ts';
import { createProjection } from '../../../src/query/projection.ts';
import { makeVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { carry, started } from '../query/commits.ts';

/** What a message becomes: events and the state that they leave; undefined leaves it without an answer. */
export type Respond = (message: InboxMessage) => { readonly events: readonly NewEvent[]; readonly status: RunStatus } | undefined;

const CALL = { timeoutMs: 1_000 };

/** An API under test. */
export interface ApiHarness {
  readonly api: ReturnType<typeof createApi>;
  readonly context: ApiContext;
  readonly clock: VirtualClock;
  readonly store: EmbeddedStore;
  /** All that was sent to `inbox`, in order. */
  readonly sent: InboxMessage[];
  readonly reports: unknown[];
  /** Commits something, as an engine would. */
  commit(run: string, events: readonly NewEvent[], status: RunStatus, messages?: readonly string[]): Promise<void>;
  /** Sends JSON and gives the status and the JSON that came back. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** Starts every run, and takes every other request without an event of its own. */
export const acceptAll: Respond = (message) => {
  if (message.type !== 'StartRun') return { status: 'running', events: [] };
  const { app, workflow, input, inputHash, tags, requestId } = message;
  return { status: 'running', events: [started({ app, workflow, input, inputHash, tags, requestId })] };
};

/** Opens an API whose requests are answered by `respond`. */
export const openApi = async (respond: Respond = acceptAll): Promise<ApiHarness> => {
  const clock = makeVirtualClock();
  const reports: unknown[] = [];
  const report = (error: unknown): void => void reports.push(error);
  const store = await openEmbeddedStore({ memory: true, clock, report });
  await store.bus.declareTopics([topics.inbox, topics.history, topics.usage], CALL);
  const projection = createProjection(clock);
  const follower: HistoryFollower = await followHistory(store.bus, projection, report);
  const context: ApiContext = { ports: { ...store, clock, newId: makeCounter(), report }, projection, requestTimeoutMs: 10_000 };
  const api = createApi(context);
  const { sent, commit } = await answerInbox(store, clock, respond);
  return {
    api,
    context,
    clock,
    store,
    sent,
    reports,
    commit,
    send: async (method, path, body, headers = {}) => {
      const init =
        body === undefined
          ? { method, headers }
          : { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
      const response = await api.request(path, init);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    close: async () => {
      await follower.stop();
      await store.close();
    },
  };
};

const makeCounter = (): (() => string) => {
  let count = 0;
  return () => `id-${++count}`;
};

const answerInbox = async (store: EmbeddedStore, clock: VirtualClock, respond: Respond): Promise<Pick<ApiHarness, 'sent' | 'commit'>> => {
  const sent: InboxMessage[] = [];
  const positions = new Map<string, { version: number; number: number }>();
  const commit: ApiHarness['commit'] = async (run, events, status, messages = []) => {
    const { version, number } = positions.get(run) ?? { version: 0, number: 0 };
    positions.set(run, { version: version + 1, number: number + events.length });
    const at = clock.now();
    const numbered = events.map((event, i) => ({ ...event, number: number + i + 1, at }));
    const summary = { version: version + 1, status, openJobs: { base: 0, bits: '' }, generations: {} };
    const made = {
      v: 1,
      run,
      version: version + 1,
      id: `${run}-${version + 1}`,
      at,
      epoch: 0,
      messages: [...messages],
      decided: true,
      more: false,
      events: numbered,
      summary,
    };
    await store.bus.publish([carry(made)], CALL);
  };
  await store.bus.subscribeStream(
    topics.inbox.name,
    {
      onMessages: (_, messages) => {
        for (const { body } of messages) {
          const message = inboxMessageSchema.parse(JSON.parse(body));
          sent.push(message);
          const answer = respond(message);
          if (answer !== undefined) void commit(message.run, answer.events, answer.status, [identifyMessage(message)]);
        }
      },
    },
    { ...CALL, subscription: 'orchestrator', prefetch: 100 },
  );
  return { sent, commit };
};
