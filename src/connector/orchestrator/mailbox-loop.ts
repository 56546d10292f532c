// Moves one run on: accepts its mail, decides, commits, publishes, acks; one such loop per run at a time, in this order always.
import type { Commit } from '../../protocol/commit.ts';
import { INLINE_LIMIT_BYTES } from '../../protocol/limits.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Parent, RunEvent } from '../../protocol/events.ts';
import { topics } from '../../protocol/topics.ts';
import { evolve, sealCommit } from '../../engine/evolve/evolve.ts';
import { deriveOutbox } from '../../engine/outbox/outbox.ts';
import { writeInbox, type Letter } from '../../engine/outbox/derivation.ts';
import { planWatch } from '../../engine/commit/plan-watch.ts';
import { hasToDecide, isClosedForGood, mayDecide, type RunState } from '../../engine/run/run-state.ts';
import { summarize } from '../../engine/run/summary.ts';
import { archiveRun, pruneRun } from './archive.ts';
import type { ConnectorContext } from '../context/context.ts';
import { acceptMail, type Accepted } from './accept-mail.ts';
import { decideRun, selectBeginning, type Decided } from './decide-run.ts';
import type { Decisions } from './decisions.ts';
import { isOfLostCommit } from './lost-commit.ts';
import type { Mail } from './partition.ts';
import { packMessage } from '../context/pack-message.ts';
import { publishOutbox } from '../context/publish-outbox.ts';
import { traceCommit } from './trace-commit.ts';
import { readdress } from './readdress.ts';
import type { RunCache, RunCopy } from './run-cache.ts';

/** Messages of one run that wait at its owner, in inbox order. */
export interface Mailbox {
  readonly run: string;
  mails: Mail[];
  busy: boolean;
}

/** What the loop of a mailbox works with. */
export interface MailboxTools {
  readonly context: ConnectorContext;
  readonly cache: RunCache;
  readonly decisions: Decisions;
  /** A moment that is later than every arrival before it. */
  readonly readMoment: () => number;
  /** The message needs nothing more. */
  readonly finish: (mail: Mail) => void;
  /** What the run waits for has failed, and is tried again. */
  readonly noteTrouble: (run: string) => void;
  /** The run is of a newer version than this connector knows. */
  readonly giveUp: (error: StarquakeError) => void;
}

const nothingDecided: Decided = { events: [], decided: false, more: false };

/** Moves one run on. */
export class MailboxLoop {
  readonly #tools: MailboxTools;
  readonly #mailbox: Mailbox;
  /** The commits that this step's copy was folded from, if it loaded them: a decision may need them whole. */
  #loaded: readonly Commit[] | undefined;
  /** Mail whose origin, if it has one, was found to stand. */
  readonly #standing = new WeakSet<Mail>();
  /** When this step began, in milliseconds since the epoch. */
  #beganAt = 0;

  constructor(tools: MailboxTools, mailbox: Mailbox) {
    this.#tools = tools;
    this.#mailbox = mailbox;
  }

  /** Works until the mailbox is empty or the connector stops. Never rejects. */
  async run(): Promise<void> {
    const { context, cache, giveUp, noteTrouble } = this.#tools;
    for (let failures = 0; !context.calls.draining;) {
      this.#mailbox.mails = this.#mailbox.mails.filter((mail) => !mail.partition.lost);
      if (this.#mailbox.mails.length === 0) return;
      try {
        this.#loaded = undefined;
        this.#beganAt = context.ports.clock.now();
        await this.#step();
        failures = 0;
      } catch (error) {
        cache.drop(this.#mailbox.run);
        if (error instanceof StarquakeError && (error.code === 'UPGRADE_ME' || error.code === 'KEYS_MISSING')) {
          giveUp(error);
          continue;
        }
        context.ports.report(error, `moving the run "${this.#mailbox.run}" on`);
        noteTrouble(this.#mailbox.run);
        await context.calls.pause(Math.min(5000, 20 * 2 ** Math.min(failures++, 10)));
      }
    }
  }

  async #load(): Promise<readonly Commit[]> {
    const { ports, calls, settings } = this.#tools.context;
    const { callTimeoutMs } = settings;
    return calls.within('loading a run', callTimeoutMs, () => ports.runs.load(this.#mailbox.run, { timeoutMs: callTimeoutMs }));
  }

  async #open(): Promise<RunCopy> {
    const { cache, context, readMoment } = this.#tools;
    const { clock } = context.ports;
    const cached = cache.get(this.#mailbox.run, clock.now());
    if (cached) return cached;
    const moment = readMoment();
    const startedAt = clock.now();
    this.#loaded = await this.#load();
    return cache.put(this.#mailbox.run, this.#loaded, moment, startedAt);
  }

  async #step(): Promise<void> {
    const { context, cache } = this.#tools;
    const copy = await this.#open();
    if (await this.#publishAgain(copy)) return;
    const overloaded = this.#mailbox.mails.length > context.settings.mailboxLimit;
    const prefix = await this.#pack(this.#takePrefix());
    if (await this.#dropLost(prefix)) return;
    const accepted = this.#accept(copy, prefix, copy.state.history);
    if (accepted.stale) cache.drop(this.#mailbox.run);
    else if (accepted.taken.length === 0) await this.#attend(copy, accepted);
    else if (accepted.settled) this.#finish(accepted.taken);
    else await this.#commit(copy, accepted, overloaded);
  }

  /** Messages that another run sent in a commit that was lost in a restore count for nothing. */
  async #dropLost(prefix: readonly Mail[]): Promise<boolean> {
    const lost: Mail[] = [];
    for (const mail of prefix) {
      if (this.#standing.has(mail)) continue;
      if (await isOfLostCommit(this.#tools.context, mail.message)) lost.push(mail);
      else this.#standing.add(mail);
    }
    this.#finish(lost);
    return lost.length > 0;
  }

  /** As much mail as one commit takes, and one message at least. */
  #takePrefix(): readonly Mail[] {
    const { commitMessages, commitBytes } = this.#tools.context.settings;
    let bytes = 0;
    const end = this.#mailbox.mails.findIndex((mail, index) => {
      bytes += mail.bytes;
      return index > 0 && (index >= commitMessages || bytes > commitBytes);
    });
    return end < 0 ? this.#mailbox.mails : this.#mailbox.mails.slice(0, end);
  }

  /** A value that came inline though it is large goes to the payload store, before its name is committed (rule 20). */
  async #pack(prefix: readonly Mail[]): Promise<readonly Mail[]> {
    if (!prefix.some(({ bytes }) => bytes > INLINE_LIMIT_BYTES)) return prefix;
    const { payloads } = this.#tools.context;
    const packed = await Promise.all(
      prefix.map(async (mail) =>
        mail.bytes > INLINE_LIMIT_BYTES ? { ...mail, message: await packMessage(payloads, mail.message) } : mail,
      ),
    );
    this.#mailbox.mails = [...packed, ...this.#mailbox.mails.slice(packed.length)];
    return packed;
  }

  #accept(copy: RunCopy, mails: readonly Mail[], history: readonly RunEvent[] | undefined): Accepted {
    const { ports, settings, deployments } = this.#tools.context;
    const now = Math.max(ports.clock.now(), copy.state.lastAt);
    return acceptMail(
      copy,
      mails,
      { now, history, findDeployment: (app, deployment) => deployments.findFacts(app, deployment) },
      settings.epoch,
    );
  }

  /** Messages of the last commit: all that it promised is published again, unless this process saw it answered; then they are done (rule 4). */
  async #publishAgain(copy: RunCopy): Promise<boolean> {
    const known = new Set(copy.state.lastCommit?.messages);
    const found = this.#mailbox.mails.filter((mail) => known.has(mail.id));
    if (found.length === 0) return false;
    if (copy.publishedVersion !== copy.state.version && !(await this.#publish(copy, found, true))) return true;
    this.#finish(found);
    return true;
  }

  /** Asked before each try to publish for these messages: every one but the first follows one that failed. */
  #whileOwned(mails: readonly Mail[]): () => boolean {
    let tries = 0;
    return () => {
      if (tries++ > 0) this.#tools.noteTrouble(this.#mailbox.run);
      return mails.some((mail) => !mail.partition.lost);
    };
  }

  async #publish(copy: RunCopy, mails: readonly Mail[], again: boolean): Promise<boolean> {
    const { context, cache } = this.#tools;
    if (!copy.newest) return true;
    const { completedRetentionMs, failedRetentionMs } = context.settings;
    const derived = deriveOutbox(copy.newest.commit, copy.newest.text, copy.state, {
      completedMs: completedRetentionMs,
      failedMs: failedRetentionMs,
    });
    const outbox = await readdress(context, this.#mailbox.run, derived);
    const published = await publishOutbox(context, outbox, again, this.#whileOwned(mails));
    if (published) copy.publishedVersion = copy.state.version;
    else cache.drop(this.#mailbox.run);
    return published;
  }

  /** What stands in front of the mailbox needs more than a commit of its events. */
  async #attend(copy: RunCopy, { next }: Accepted): Promise<void> {
    if (!next) return;
    const { mail, acceptance } = next;
    const { context, cache } = this.#tools;
    if (acceptance.kind === 'needHistory') {
      const accepted = this.#accept(copy, [mail], selectBeginning(await this.#load()));
      await this.#commit(copy, accepted, false);
      return;
    }
    if (copy.freshAt < mail.arrival) {
      cache.drop(this.#mailbox.run);
      return;
    }
    if (acceptance.kind === 'archive') {
      const archived = await archiveRun(context, copy.state, await this.#load());
      const event: RunEvent = {
        ...archived,
        number: copy.state.lastNumber + 1,
        at: Math.max(context.ports.clock.now(), copy.state.lastAt),
      };
      evolve(copy.state, event, context.settings.epoch);
      await this.#append(copy, [mail], [event], nothingDecided, context.ports.newId());
      return;
    }
    if (acceptance.kind === 'prune') await pruneRun(context, copy.state);
    else if (!(await this.#refuse(mail, acceptance))) return;
    this.#finish([mail]);
  }

  /** Tells who asked, outside of the history. */
  async #refuse(mail: Mail, refusal: { readonly code: string; readonly message: string; readonly reply?: Parent }): Promise<boolean> {
    const { context } = this.#tools;
    const { run } = this.#mailbox;
    const requestId = 'requestId' in mail.message ? mail.message.requestId : '';
    const { code, message, reply } = refusal;
    const head = {
      specversion: '1.0',
      id: `${run}/refused/${requestId}`,
      source: 'starquake',
      type: 'starquake.refusal',
      subject: run,
      time: new Date(context.ports.clock.now()).toISOString(),
    };
    const letters: Letter[] = [
      { topic: topics.history.name, key: run, id: head.id, body: JSON.stringify({ ...head, data: { run, requestId, code, message } }) },
    ];
    if (reply) {
      const failure = { code, name: 'StarquakeError', message };
      const { run: parent, epoch, event: child, generation } = reply;
      letters.push(
        writeInbox(
          { type: 'ChildClosed', run: parent, epoch, child, generation, outcome: 'failed', failure },
          context.settings.writeVersion,
        ),
      );
    }
    return publishOutbox(context, { letters, dues: [] }, false, this.#whileOwned([mail]));
  }

  async #commit(copy: RunCopy, accepted: Accepted, overloaded: boolean): Promise<void> {
    const { context, decisions } = this.#tools;
    const { ports, settings, deployments } = context;
    const { state } = copy;
    const commitId = ports.newId();
    const tries = accepted.tries && state.blocked !== undefined && state.phase === 'open' && !state.paused;
    const decides = tries || (mayDecide(state) && hasToDecide(state) && !overloaded);
    const decided = decides
      ? await decideRun({
          state,
          commitId,
          epoch: settings.epoch,
          writeVersion: settings.writeVersion,
          accepted: accepted.events,
          deployments,
          decisions,
          payloads: context.payloads,
          load: async () => this.#loaded ?? (await this.#load()),
          now: () => ports.clock.now(),
        })
      : { ...nothingDecided, more: state.more };
    await this.#append(copy, accepted.taken, [...accepted.events, ...decided.events], decided, commitId);
  }

  async #append(copy: RunCopy, taken: readonly Mail[], events: readonly RunEvent[], { decided, more }: Decided, id: string): Promise<void> {
    const { context, cache, readMoment } = this.#tools;
    const { ports, calls, settings } = context;
    const { state } = copy;
    // Old mail that says nothing new may stand before the message of a commit that nobody has published: that one goes first (rule 4).
    if (events.length === 0 && copy.publishedVersion !== state.version && !(await this.#publish(copy, taken, true))) return;
    const commit = this.#write(state, taken, events, { decided, more, id });
    const text = JSON.stringify(commit);
    const [moment, sentAt] = [readMoment(), ports.clock.now()];
    const tooOld = sentAt - copy.confirmedAt > settings.copyAgeMs;
    const outcome = tooOld
      ? 'conflict'
      : await calls.within('appending a commit', settings.callTimeoutMs, () =>
          ports.runs.append(commit, text, { timeoutMs: settings.callTimeoutMs }),
        );
    if (outcome === 'conflict') {
      cache.drop(this.#mailbox.run);
      return;
    }
    sealCommit(state, commit);
    traceCommit(ports.telemetry, state, commit, this.#beganAt, ports.clock.now());
    copy.newest = { commit, text };
    copy.confirmedAt = sentAt;
    copy.freshAt = moment;
    if (!(await this.#publish(copy, taken, false))) return;
    this.#finish(taken);
    // What comes to a closed run is rare: its copy makes room for the open ones.
    if (isClosedForGood(state)) cache.drop(this.#mailbox.run);
  }

  #write(
    state: RunState,
    taken: readonly Mail[],
    events: readonly RunEvent[],
    { decided, more, id }: { readonly decided: boolean; readonly more: boolean; readonly id: string },
  ): Commit {
    const { ports, settings } = this.#tools.context;
    const at = Math.max(ports.clock.now(), state.lastAt);
    const messages = [...new Set(taken.map((mail) => mail.id))];
    const watchAt = planWatch(state, messages, at);
    const version = state.version + 1;
    return {
      v: settings.writeVersion,
      run: state.run,
      version,
      id,
      at,
      epoch: settings.epoch,
      messages,
      decided,
      more,
      ...(watchAt !== undefined && { watchAt }),
      events: [...events],
      summary: summarize(state, version),
    };
  }

  #finish(mails: readonly Mail[]): void {
    const done = new Set(mails);
    this.#mailbox.mails = this.#mailbox.mails.filter((mail) => !done.has(mail));
    for (const mail of mails) this.#tools.finish(mail);
  }
}
