// What really happened in a simulation, noted from outside of all connectors: every commit, publish, ack and invocation, and what must never be.
import type { OutgoingMessage } from '../../../src/ports/bus.ts';
import type { Commit } from '../../../src/protocol/commit.ts';
import { identifyMessage } from '../../../src/protocol/message-ids.ts';
import type { JobRequest } from '../../../src/protocol/functions.ts';
import type { Due, InboxMessage } from '../../../src/protocol/messages.ts';
import { evolve, sealCommit } from '../../../src/engine/evolve/evolve.ts';
import { deriveOutbox } from '../../../src/engine/outbox/outbox.ts';
import type { Retention } from '../../../src/engine/outbox/derivation.ts';
import { createRunState, type RunState } from '../../../src/engine/run/run-state.ts';
import type { RunRecord } from './run-record.ts';
import { explainSettled } from './settled.ts';

/** What a commit promises: names of what must be published. */
interface Promised {
  readonly run: string;
  readonly version: number;
  readonly names: readonly string[];
  readonly messages: readonly string[];
}

const nameOf = ({ topic, key, id }: Pick<OutgoingMessage, 'topic' | 'key' | 'id'>): string => `${topic}|${key}|${id}`;
const nameOfDue = ({ key, id }: Pick<Due, 'key' | 'id'>): string => `due|${key}|${id}`;

/** What may block a simulated run: code and history never disagree. */
const expectedBlocks = new Set([
  'DECISION_CRASHED',
  'DECISION_TIMED_OUT',
  'FUNCTION_CRASHED',
  'FUNCTION_TIMED_OUT',
  'APP_UNKNOWN',
  'DEPLOYMENT_UNKNOWN',
]);

/** The ledger. */
export class Ledger {
  readonly runs = new Map<string, RunRecord>();
  /** What went against the rules; the first is what counts. */
  readonly violations: string[] = [];
  readonly #retention: Retention;
  readonly #promisedBy = new Map<string, Promised[]>();
  readonly #expected = new Map<string, string>();
  readonly #published = new Set<string>();
  readonly #attempted = new Set<string>();
  /** Runs and request ids that were refused outside of any history. */
  readonly refusedOutside = new Set<string>();

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  fail(violation: string): void {
    this.violations.push(violation);
  }

  /** A commit has become part of its run's history. */
  noteAppended(commit: Commit, text: string): void {
    const record = this.runs.get(commit.run) ?? { run: commit.run, commits: [], events: [], state: createRunState(commit.run) };
    this.runs.set(commit.run, record);
    this.#checkPlace(commit, record);
    record.commits.push(commit);
    for (const event of commit.events) {
      if (event.number !== record.state.lastNumber + 1)
        this.fail(`${commit.run} v${commit.version}: event ${event.number} follows event ${record.state.lastNumber}`);
      if (event.type === 'RunBlocked' && !expectedBlocks.has(event.failure.code))
        this.fail(`${commit.run} v${commit.version}: blocked by ${event.failure.code}: ${event.failure.message}`);
      record.events.push(event);
      evolve(record.state, event, commit.epoch);
    }
    sealCommit(record.state, commit);
    this.#notePromises(commit, text, record.state);
  }

  #checkPlace({ run, version, messages, id }: Commit, { commits }: RunRecord): void {
    const newest = commits.at(-1);
    const same = commits.find((commit) => commit.version === version);
    if (same) this.fail(`${run} v${version}: committed twice, as ${same.id} and as ${id}`);
    else if (version !== (newest?.version ?? 0) + 1) this.fail(`${run} v${version}: follows v${newest?.version ?? 0}`);
    if (messages.length === 0) this.fail(`${run} v${version}: is caused by no message`);
    if (newest && this.listMissing(run, newest.version).length > 0) {
      this.fail(
        `${run} v${version}: committed before v${newest.version} was published: ${this.listMissing(run, newest.version).join(', ')}`,
      );
    }
  }

  #notePromises(commit: Commit, text: string, state: RunState): void {
    const { letters, dues } = deriveOutbox(commit, text, state, this.#retention);
    for (const letter of letters) this.#expected.set(nameOf(letter), letter.body);
    const promised = {
      run: commit.run,
      version: commit.version,
      messages: commit.messages,
      names: [...letters.map(nameOf), ...dues.map(nameOfDue)],
    };
    for (const message of commit.messages) {
      const name = `${commit.run}|${message}`;
      this.#promisedBy.set(name, [...(this.#promisedBy.get(name) ?? []), promised]);
    }
    this.#byVersion.set(`${commit.run}/${commit.version}`, promised);
  }

  readonly #byVersion = new Map<string, Promised>();

  /** What a commit promises and nobody has published. */
  listMissing(run: string, version: number): readonly string[] {
    return (this.#byVersion.get(`${run}/${version}`)?.names ?? []).filter((name) => !this.#published.has(name));
  }

  /** A message has become durable on the bus. */
  notePublished(message: OutgoingMessage): void {
    const name = nameOf(message);
    if (message.topic === 'dead-letters') this.fail(`a message was buried: ${message.body.slice(0, 300)}`);
    if (message.topic === 'timers') this.#published.add(`due|${message.key}|${message.id}`);
    const isRefusal = message.topic === 'history' && message.id.startsWith(`${message.key}/refused/`);
    if (isRefusal) this.refusedOutside.add(`${message.key}|${message.id.slice(`${message.key}/refused/`.length)}`);
    else if (message.topic === 'history' && !message.id.startsWith(`${message.key}/running/`)) this.#checkExpected(name, message);
    else if (message.topic.startsWith('jobs.') && message.id.endsWith('/1')) this.#checkExpected(name, message);
    this.#published.add(name);
  }

  #checkExpected(name: string, { body }: OutgoingMessage): void {
    const expected = this.#expected.get(name);
    if (expected === undefined) this.fail(`published, but no commit promises it: ${name}`);
    else if (expected !== body) this.fail(`published with another body than was promised: ${name}`);
  }

  notePut(dues: readonly Due[]): void {
    for (const due of dues) this.#published.add(nameOfDue(due));
  }

  /** Whether a message was ever published. */
  wasPublished(topic: string, key: string, id: string): boolean {
    return this.#published.has(nameOf({ topic, key, id }));
  }

  /** Whether a due message was ever put into the timer store or on `timers`. */
  wasPostponed(due: Pick<Due, 'key' | 'id'>): boolean {
    return this.#published.has(nameOfDue(due));
  }

  /**
   * An owner says that a message needs nothing more.
   *
   * @param remains - whether a copy of a message of the same run stays unacked, to have its commit published
   */
  noteInboxAcked(who: string, { key, body }: OutgoingMessage, remains: (id: string) => boolean): void {
    const message = JSON.parse(body) as InboxMessage;
    const id = identifyMessage(message);
    if ('requestId' in message && this.refusedOutside.has(`${key}|${message.requestId}`)) return;
    const promised = this.#promisedBy.get(`${key}|${id}`);
    for (const { run, version, messages } of promised ?? []) {
      const missing = this.listMissing(run, version);
      if (missing.length > 0 && !messages.some(remains))
        this.fail(`${who} acked ${id} of ${run} before v${version} was published: ${missing.join(', ')}`);
    }
    if (promised) return;
    const unsettled = explainSettled(message, this.runs.get(key), this.refusedOutside);
    if (unsettled !== undefined) this.fail(`${who} acked ${id} of ${key} without a commit: ${unsettled}`);
  }

  /** Somebody has asked for the function of a job, whether it came to run or not. */
  noteAttempted(run: string, job: number): void {
    this.#attempted.add(`${run}|${job}`);
  }

  /** Whether the function of a job was ever asked for. */
  wasAttempted(run: string, job: number): boolean {
    return this.#attempted.has(`${run}|${job}`);
  }

  /** A job's function has been called. */
  noteInvoked(request: JobRequest): void {
    const { run, job, keyGeneration, epoch } = request.attempt;
    const scheduled = this.runs.get(run)?.events[job - 1];
    if (scheduled?.type !== 'JobScheduled' || scheduled.job !== request.attempt.name)
      this.fail(`${run}: job ${job} was run, but event ${job} does not schedule it`);
    const key = keyGeneration === 1 ? `${epoch}/${run}/${job}` : `${epoch}/${run}/${job}/${keyGeneration}`;
    if (request.idempotencyKey !== key) this.fail(`${run}: job ${job} was run under the key ${request.idempotencyKey}, not ${key}`);
  }
}
