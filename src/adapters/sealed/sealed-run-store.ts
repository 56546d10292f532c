// Seals the events of commits; what a store needs to know of a commit stays in clear: its version, its id, its summary.
import { z } from 'zod';
import type { Commit, RunSummary } from '../../protocol/commit.ts';
import { runEventSchema, type RunEvent } from '../../protocol/events.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { findTenant } from '../../protocol/tenant.ts';
import type { CallOptions } from '../../ports/clock.ts';
import type { AppendOutcome, RunStore } from '../../ports/run-store.ts';
import { open, seal } from './cipher.ts';
import type { TenantKeys } from './tenant-keys.ts';

const eventsSchema = z.array(runEventSchema);

const placeOf = ({ run, version }: Commit): string => `commit\0${run}\0${version}`;

/** A run of a tenant whose key is erased looks like one that was archived long ago: it wants nothing, and answers nothing. */
const entomb = ({ v, run, version, id, at, epoch, messages, summary }: Commit): Commit => {
  const events: RunEvent[] = [{ type: 'RunArchived', number: 1, at, outcome: 'terminated', archive: '', closedAt: at }];
  return { v, run, version, id, at, epoch, messages, decided: true, more: false, events, summary: archive(summary) };
};

const archive = ({ version }: RunSummary): RunSummary => ({
  version,
  status: 'archived',
  openJobs: { base: 0, bits: '' },
  generations: {},
});

/** A run store whose commits nobody can read without keys. */
export const sealRunStore = (runs: RunStore, keys: TenantKeys): RunStore => {
  const isErased = async (run: string, options: CallOptions): Promise<boolean> => (await keys.findOf(run, options)) === 'erased';
  return {
    ...bindAll(runs),
    load: async (run, options) => {
      const commits = await runs.load(run, options);
      const newest = commits.at(-1);
      if (newest === undefined) return commits;
      const found = await keys.findOf(run, options);
      if (found === 'erased') return [entomb(newest)];
      return commits.map((commit) => {
        const { sealed, ...rest } = commit;
        return sealed === undefined
          ? commit
          : { ...rest, events: eventsSchema.parse(JSON.parse(open(sealed, found.records, placeOf(commit)))) };
      });
    },
    append: async (commit, _text, options): Promise<AppendOutcome> => {
      const found = await keys.findOf(commit.run, options);
      // Whoever holds a copy drops it and reads the run anew.
      if (found === 'erased') return 'conflict';
      const sealed: Commit = { ...commit, events: [], sealed: seal(JSON.stringify(commit.events), found.records, placeOf(commit)) };
      return runs.append(sealed, JSON.stringify(sealed), options);
    },
    readSummary: async (run, options) => {
      const summary = await runs.readSummary(run, options);
      return summary !== undefined && (await isErased(run, options)) ? archive(summary) : summary;
    },
  };
};

/**
 * A run store that is read without keys.
 *
 * @throws KEYS_MISSING, from `load`, for a run whose commits are sealed
 */
export const refuseSealedRuns = (runs: RunStore): RunStore => ({
  ...bindAll(runs),
  load: async (run, options) => {
    const commits = await runs.load(run, options);
    if (commits.every(({ sealed }) => sealed === undefined)) return commits;
    throw new StarquakeError('KEYS_MISSING', `The run "${run}" is sealed for the tenant "${findTenant(run)}".`);
  },
});

const bindAll = (runs: RunStore): RunStore => ({
  load: (...given) => runs.load(...given),
  append: (...given) => runs.append(...given),
  readSummary: (...given) => runs.readSummary(...given),
  claim: (...given) => runs.claim(...given),
  readClaim: (...given) => runs.readClaim(...given),
  finishClaim: (...given) => runs.finishClaim(...given),
  prune: (...given) => runs.prune(...given),
});
