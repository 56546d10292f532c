// A whole engine on virtual time: the real connector loops over the embedded store in memory and functions in this thread, every step written down.
import { createInProcessFunctions, type Handler } from '../../../src/adapters/in-process-functions/in-process-functions.ts';
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import type { ConnectorSettings } from '../../../src/connector/context/settings.ts';
import { evolve, replayCommits } from '../../../src/engine/evolve/evolve.ts';
import { writeInbox, type InboxDraft } from '../../../src/engine/outbox/derivation.ts';
import type { RunState } from '../../../src/engine/run/run-state.ts';
import { summarize } from '../../../src/engine/run/summary.ts';
import type { IncomingMessage, OutgoingMessage } from '../../../src/ports/bus.ts';
import type { PayloadStore } from '../../../src/ports/payload-store.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import type { Telemetry } from '../../../src/ports/telemetry.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';
import { runEventSchema, type EventOf, type NewEvent, type RunEvent, type RunEventType } from '../../../src/protocol/events.ts';
import type { JobAnswer, JobRequest } from '../../../src/protocol/functions.ts';
import { TIMER_FUNCTION, type Manifest } from '../../../src/protocol/manifest.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { toMilliseconds, type Duration } from '../../../src/sdk/duration.ts';
import { handler as timerHandler } from '../../../lambdas/timer.ts';
import { makeVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { startOwner, type Owner } from './owner.ts';
import { makeHandlers, makeManifest, type DeploymentName, type TestApp } from './test-app.ts';
import type { Hooks, Step } from './watched-ports.ts';

const CALL = { timeoutMs: 60_000 };
/** Turns of the event loop without any step after which nothing more happens by itself. */
const QUIET_TURNS = 4;
const MOST_TURNS = 20_000;

/** What a job answers in a test, in place of its own code. */
export type JobScript = (request: JobRequest, byItself: () => Promise<unknown>) => unknown;

/** How a stage is set. */
export interface StageOptions {
  readonly app: TestApp;
  readonly deployment?: DeploymentName;
  readonly settings?: Partial<ConnectorSettings>;
  /** Where large values go; in memory when left out. */
  readonly payloads?: PayloadStore;
  readonly telemetry?: Telemetry;
  readonly readMemoryShare?: () => number;
}

/** A whole engine on virtual time. */
export class Stage {
  readonly clock: VirtualClock;
  readonly ports: Ports;
  readonly settings: Partial<ConnectorSettings>;
  readonly steps: Step[] = [];
  /** What was reported: codes where they have one. */
  readonly reports: { readonly error: unknown; readonly doing: string }[] = [];
  /** Answers of jobs in place of their own code, by job name. */
  readonly jobs: Record<string, JobScript> = {};
  /** Every invocation of a job. */
  readonly attempts: JobRequest[] = [];
  readonly #handlers: Record<string, Handler>;
  readonly #owners: Owner[] = [];
  readonly #close: () => Promise<void>;
  #requests = 0;

  constructor(parts: {
    clock: VirtualClock;
    ports: Ports;
    handlers: Record<string, Handler>;
    settings: Partial<ConnectorSettings>;
    close: () => Promise<void>;
  }) {
    this.clock = parts.clock;
    this.ports = { ...parts.ports, report: (error, doing) => this.reports.push({ error, doing }) };
    this.settings = parts.settings;
    this.#handlers = parts.handlers;
    this.#close = parts.close;
  }

  /** Takes up a deployment of an app. */
  async deploy(app: TestApp, name: DeploymentName, change: (manifest: Manifest) => Manifest = (manifest) => manifest): Promise<void> {
    const manifest = change(makeManifest(app, name));
    const runJob: JobScript = (request, byItself) => {
      this.attempts.push(request);
      return (this.jobs[request.attempt.name] ?? ((_request, own) => own()))(request, byItself);
    };
    Object.assign(this.#handlers, makeHandlers(app, manifest, runJob));
    await this.ports.registry.put(manifest, CALL);
    await this.settle();
  }

  /** Takes a function away, as a platform that has lost it. */
  removeFunction(name: string): void {
    delete this.#handlers[name];
  }

  /** Starts a connector. */
  async connect(name: string, hooks: Hooks = {}, settings: Partial<ConnectorSettings> = {}): Promise<Owner> {
    const write = (step: Step): void => void this.steps.push(step);
    const owner = await startOwner({ name, ports: this.ports, settings: { ...this.settings, ...settings }, hooks, write });
    this.#owners.push(owner);
    await this.settle();
    return owner;
  }

  /** Publishes messages on `inbox`, and waits until all is quiet. */
  async send(...drafts: readonly InboxDraft[]): Promise<void> {
    await this.publish(drafts.map((draft) => writeInbox(draft)));
  }

  /** Publishes messages, and waits until all is quiet. */
  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.ports.bus.publish(messages, CALL);
    await this.settle();
  }

  /** Commits events of a run as another owner would, of whom the connectors here know nothing. */
  async commitBehind(run: string, drafts: readonly NewEvent[], messages: readonly string[]): Promise<void> {
    const state = await this.state(run);
    const at = this.clock.now();
    const events = drafts.map((draft, index) => runEventSchema.parse({ ...draft, number: state.lastNumber + 1 + index, at }));
    for (const event of events) evolve(state, event, 0);
    const version = state.version + 1;
    const commit: Commit = {
      v: PROTOCOL_VERSION,
      run,
      version,
      id: `behind ${version}`,
      at,
      epoch: 0,
      messages: [...messages],
      decided: false,
      more: state.more,
      events,
      summary: summarize(state, version),
    };
    await this.ports.runs.append(commit, JSON.stringify(commit), CALL);
  }

  /** Starts a run. */
  async start(
    run: string,
    workflow: string,
    input?: unknown,
    more: Partial<Extract<InboxDraft, { type: 'StartRun' }>> = {},
  ): Promise<void> {
    await this.send(this.draftStart(run, workflow, input, more));
  }

  /** A StartRun that has not been sent. */
  draftStart(run: string, workflow: string, input?: unknown, more: Partial<Extract<InboxDraft, { type: 'StartRun' }>> = {}): InboxDraft {
    const payload = input === undefined ? {} : { json: input };
    return {
      type: 'StartRun',
      run,
      app: 'desk',
      workflow,
      input: payload,
      inputHash: JSON.stringify(payload),
      tags: {},
      requestId: `start ${run}`,
      ...more,
    };
  }

  /** Sends a signal, with a request id of its own unless given. */
  async signal(run: string, signal: string, value?: unknown, requestId = this.newRequestId()): Promise<void> {
    await this.send({ type: 'Signal', run, signal, value: value === undefined ? {} : { json: value }, requestId });
  }

  /** A request id that was not given before. */
  newRequestId(): string {
    return `request ${++this.#requests}`;
  }

  /** Waits until nothing more happens without time passing. */
  async settle(): Promise<void> {
    let [quiet, seen] = [0, -1];
    for (let turn = 0; quiet < QUIET_TURNS; turn++) {
      if (turn > MOST_TURNS) throw new Error(`The stage does not come to rest: ${JSON.stringify(this.steps.at(-1)).slice(0, 300)}`);
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.steps.length === seen ? quiet + 1 : 0;
      seen = this.steps.length;
    }
  }

  /** Waits for what needs the disk, which a quiet stage does not wait for. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; !(await condition()); turn++) {
      if (turn > MOST_TURNS) throw new Error('What was waited for did not come about.');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.settle();
  }

  /** Lets time pass; what comes due on the way happens at its own time. */
  async pass(duration: Duration): Promise<void> {
    await this.passTo(this.clock.now() + toMilliseconds(duration));
  }

  /** Lets time pass up to a moment, in milliseconds since the epoch. */
  async passTo(at: number): Promise<void> {
    await this.settle();
    for (let next = this.clock.nextAt; next !== undefined && next <= at; next = this.clock.nextAt) {
      this.clock.advanceTo(next);
      await this.settle();
    }
    this.clock.advanceTo(at);
    await this.settle();
  }

  commits(run: string): Promise<readonly Commit[]> {
    return this.ports.runs.load(run, CALL);
  }

  async history(run: string): Promise<readonly RunEvent[]> {
    return (await this.commits(run)).flatMap((commit) => commit.events);
  }

  /** Types of a run's events, in order. */
  async types(run: string): Promise<readonly RunEventType[]> {
    return (await this.history(run)).map((event) => event.type);
  }

  /** The run's events of one type. */
  async events<T extends RunEventType>(run: string, type: T): Promise<readonly EventOf<T>[]> {
    return (await this.history(run)).filter((event): event is EventOf<T> => event.type === type);
  }

  async state(run: string): Promise<RunState> {
    return replayCommits(run, await this.commits(run));
  }

  /** Steps of one kind, of one owner if named. */
  stepsOf<K extends Step['kind']>(kind: K, owner?: string): readonly Extract<Step, { kind: K }>[] {
    return this.steps.filter(
      (step): step is Extract<Step, { kind: K }> => step.kind === kind && (owner === undefined || step.owner === owner),
    );
  }

  /** Messages that connectors published on a topic, in order. */
  published(topic: string): readonly OutgoingMessage[] {
    return this.stepsOf('publish').flatMap(({ messages }) => messages.filter((message) => message.topic === topic));
  }

  /** Messages that stand on a partition of a topic and are not acked by everybody. */
  async waiting(topic: string, partition = 0): Promise<readonly IncomingMessage[]> {
    return this.ports.bus.readStream(topic, partition, 0, 10_000, CALL);
  }

  /** Codes of what was reported. */
  get reportedCodes(): readonly unknown[] {
    return this.reports.map(({ error }) => (error instanceof StarquakeError ? error.code : undefined));
  }

  async close(): Promise<void> {
    for (const owner of this.#owners) await owner.kill();
    await this.#close();
  }
}

/** What a message says. */
export const readBody = ({ body }: { readonly body: string }): unknown => JSON.parse(body);

/** A success of a job, as its function answers. */
export const succeed = (output?: unknown): JobAnswer => ({ kind: 'succeeded', output: output === undefined ? {} : { json: output } });

/** A failure of a job, as its function answers. */
export const fail = (message = 'out of order', retryable = true): JobAnswer => ({
  kind: 'failed',
  failure: { code: 'Error', name: 'Error', message },
  retryable,
});

/** Sets a stage with an app deployed and no connector. */
export const openStage = async ({
  app,
  deployment = { deployment: 'one', order: 1 },
  settings = {},
  payloads: given,
  ...more
}: StageOptions): Promise<Stage> => {
  const clock = makeVirtualClock();
  const handlers: Record<string, Handler> = { [TIMER_FUNCTION]: (request) => timerHandler(request as Parameters<typeof timerHandler>[0]) };
  const store = await openEmbeddedStore({ memory: true, clock, report: () => undefined });
  const { bus, runs, timers, registry } = store;
  const payloads = given ?? store.payloads;
  const functions = createInProcessFunctions({ clock, handlers });
  const ports: Ports = { bus, runs, timers, payloads, registry, functions, clock, newId: () => 'stage', report: () => undefined, ...more };
  const stage = new Stage({ clock, ports, handlers, settings: { inboxPartitions: 1, ...settings }, close: () => store.close() });
  await stage.deploy(app, deployment);
  return stage;
};
