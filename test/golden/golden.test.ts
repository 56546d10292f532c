// Proves that what an earlier release wrote is still read, and that histories of then are still replayed to the same commands.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import { makeVmRealm } from '../../src/adapters/vm-realm/vm-realm.ts';
import { ignoreRealmRejections } from '../../src/adapters/vm-realm/ignore-realm-rejections.ts';
import { createDecider } from '../../src/engine/decider.ts';
import { replayCommits } from '../../src/engine/evolve/evolve.ts';
import { deriveOutbox } from '../../src/engine/outbox/outbox.ts';
import { commitSchema, type Commit } from '../../src/protocol/commit.ts';
import { runEventSchema, type RunEvent } from '../../src/protocol/events.ts';
import { runDecisionSchema } from '../../src/protocol/functions.ts';
import { ledgerEntrySchema } from '../../src/protocol/ledger-entry.ts';
import { manifestSchema } from '../../src/protocol/manifest.ts';
import { attemptFailedSchema, attemptSchema, dueSchema, inboxMessageSchema } from '../../src/protocol/messages.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { loadTestApp } from '../support/stage/test-app.ts';
import { golden } from './app/app.ts';
import type { GoldenHistory } from './golden-history.ts';
import { eventSamples, inboxSamples, otherSamples } from './samples.ts';

const DAY_MS = 86_400_000;
const folder = fileURLToPath(new URL('./data/', import.meta.url));
const versions = readdirSync(folder);

const readFile = (path: string): unknown => JSON.parse(readFileSync(`${folder}${path}`, 'utf8'));
const listFiles = (version: string, kind: string): readonly string[] => readdirSync(`${folder}${version}/${kind}`);
const readType = (sample: unknown): string =>
  typeof sample === 'object' && sample !== null && 'type' in sample ? String(sample.type) : '';

const schemas: Readonly<Record<string, ZodType>> = {
  'attempt.json': attemptSchema,
  'attempt-failed.json': attemptFailedSchema,
  'due.json': dueSchema,
  'ledger-entry.json': ledgerEntrySchema,
  'manifest.json': manifestSchema,
  'manifest-with-schemas.json': manifestSchema,
  'commit.json': commitSchema,
};

ignoreRealmRejections();
const decider = createDecider({
  source: (await loadTestApp(golden, new URL('./app/app.ts', import.meta.url))).source,
  makeRealm: makeVmRealm,
});

/** What code asked for, without what its commit gives it. */
const commandsOf = (events: readonly RunEvent[]): unknown[] =>
  events.flatMap((event) => ('command' in event && event.command !== undefined ? [{ ...event, at: 0, number: 0 }] : []));

/** What is delivered by a commit: all that stands before the first command of its decision. */
const acceptedOf = ({ events }: Commit): readonly RunEvent[] => {
  const first = events.findIndex((event) => 'command' in event && event.command !== undefined);
  return first < 0 ? events : events.slice(0, first);
};

/** Asks the code of today for the decision of a commit of then. */
const decideAgain = (commits: readonly Commit[], at: number): readonly RunEvent[] => {
  const before = commits.slice(0, at);
  const state = replayCommits(commits[at]?.run ?? '', before);
  const events = [...before.flatMap((commit) => commit.events), ...(commits[at] ? acceptedOf(commits[at]) : [])];
  const beginning = events.slice(
    Math.max(
      0,
      events.findLastIndex(({ type }) => type === 'RunContinued' || type === 'SignalsExpired'),
    ),
  );
  const started = events.find((event) => event.type === 'RunStarted');
  const input = {
    run: state.run,
    app: started?.app,
    workflow: started?.workflow,
    commitId: `${state.run} ${at}`,
    nextNumber: (events.at(-1)?.number ?? 0) + 1,
    decidedUpTo: state.decidedUpTo,
    events: beginning,
  };
  const [answer = ''] = decider.decide({ v: PROTOCOL_VERSION, now: 0, links: {}, runs: [JSON.stringify(input)] }).runs;
  const decision = runDecisionSchema.parse(JSON.parse(answer));
  if (decision.kind !== 'decided') throw new Error(`version ${at + 1}: ${JSON.stringify(decision)}`);
  return decision.events;
};

describe('this version', () => {
  it('has a sample of every event and every message', () => {
    const kept = new Set(['events', 'messages'].flatMap((kind) => listFiles(`v${PROTOCOL_VERSION}`, kind)));
    const types = [eventSamples, inboxSamples, otherSamples].flatMap((samples) => Object.keys(samples));
    expect(types.filter((type) => !kept.has(`${type.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase()}.json`))).toEqual([]);
  });
});

describe.each(versions)('%s', (version) => {
  it.each(listFiles(version, 'events'))('the event %s is read as it was written', (file) => {
    const sample = readFile(`${version}/events/${file}`);
    expect(runEventSchema.parse(sample)).toEqual(sample);
    expect(`${readType(sample)}.json`.toLowerCase()).toBe(file.replaceAll('-', ''));
  });

  it.each(listFiles(version, 'messages'))('the message %s is read as it was written', (file) => {
    const sample = readFile(`${version}/messages/${file}`);
    expect((schemas[file] ?? inboxMessageSchema).parse(sample)).toEqual(sample);
  });

  describe.each(listFiles(version, 'histories'))('the history %s', (file) => {
    const { commits, outboxes } = readFile(`${version}/histories/${file}`) as GoldenHistory;

    it('is read as it was written', () => {
      expect(commits.map((commit) => commitSchema.parse(commit))).toEqual(commits);
    });

    it('is replayed to the very same commands, commit by commit', () => {
      const again = commits.map((commit, at) => (commit.decided ? commandsOf(decideAgain(commits, at)) : []));
      expect(again).toEqual(commits.map(({ events }) => commandsOf(events)));
    });

    it('leaves a run whose summary is the one that was written', () => {
      for (const [at, commit] of commits.entries()) {
        const state = replayCommits(commit.run, commits.slice(0, at + 1));
        expect({ phase: state.phase, open: [...state.jobs.values()].filter(({ status }) => status !== 'failed').length }).toEqual({
          phase: readPhase(commit),
          open: countBits(commit.summary.openJobs.bits),
        });
      }
    });

    it('promises the same messages under the same ids', () => {
      const derived = commits.map((commit, at) => {
        const state = replayCommits(commit.run, commits.slice(0, at + 1));
        const { letters, dues } = deriveOutbox(commit, JSON.stringify(commit), state, { completedMs: 365 * DAY_MS, failedMs: 30 * DAY_MS });
        return [...letters.map(({ topic, id }) => `${topic} ${id}`), ...dues.map(({ dueAt, topic, id }) => `${dueAt} ${topic} ${id}`)];
      });
      expect(derived).toEqual(outboxes);
    });
  });
});

const countBits = (hex: string): number => {
  let bits = 0;
  for (let left = BigInt(`0x0${hex}`); left > 0n; left >>= 1n) bits += Number(left & 1n);
  return bits;
};

const readPhase = ({ summary: { status } }: Commit): string =>
  ['running', 'paused', 'blocked', 'canceling'].includes(status) ? 'open' : status;
