// The runbook's restore, played: tables go back in time under a bus that has gone on, with the commands that an operator is told to run.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { followHistory } from '../../src/query/follow-history.ts';
import { createProjection, type Projection } from '../../src/query/projection.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { readQueueStats } from '../support/pulsar/queue-stats.ts';
import { findFaults, findOutput, listChildren, readService } from '../support/restore/examine-journeys.ts';
import { keepTravelling, type Travelling } from '../support/restore/keep-travelling.ts';
import { openRestoredLine, type RestoredLine } from '../support/restore/open-restored-line.ts';
import { runPulsarAdmin } from '../support/restore/pulsar-admin.ts';
import type { TableRun } from '../support/restore/read-tables.ts';
import { copyTables, putBackTables } from '../support/restore/tables.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const START_TIMEOUT_MS = 300_000;
const PLAY_TIMEOUT_MS = 400_000;
const GIVE_UP_MS = 150_000;
const LOOK_MS = 1000;
const EVERY_MS = 500;
/** Journeys that are on their way when the second comes that is restored to. */
const ON_THEIR_WAY = 20;
/** Of these have so many ended before the tables are lost. */
const ENDED_IN_VAIN = 5;
const QUARTER_OF_AN_HOUR_S = 900;

const raisedEpoch = { STARQUAKE_EPOCH: '1' };

describe.skipIf(missing !== '')(`a restore of the tables${missing}`, () => {
  let line: RestoredLine;
  let service: string;
  let then: { readonly open: readonly string[]; readonly versions: ReadonlyMap<string, number> };
  const started: Travelling[] = [];
  const listStarted = (): readonly string[] => started.flatMap(({ runs }) => runs);

  const travel = (name: string): Travelling => {
    const travelling = keepTravelling((drafts) => line.send(drafts), { name, service, everyMs: EVERY_MS });
    started.push(travelling);
    return travelling;
  };

  beforeAll(async () => {
    line = await openRestoredLine({ webUrl, brokerUrl });
    service = `${line.aws.scratch}/service`;
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all(started.map((travelling) => travelling.stop()));
    await line.close();
  }, START_TIMEOUT_MS);

  /** The tables as they are at one moment: nobody writes while they are copied. */
  const takeTables = async () => {
    await line.killConnector();
    const tables = await copyTables(line.tables);
    const runs = await line.read(listStarted());
    const isOpen = ({ commits }: TableRun): boolean => commits.at(-1)?.summary.status !== 'completed';
    then = {
      open: runs.filter(isOpen).map(({ run }) => run),
      versions: new Map(runs.map(({ run, commits }) => [run, commits.length])),
    };
    return { tables, at: Date.now() };
  };

  /** Steps 4 and 5 of the runbook. */
  const setBack = async (second: number): Promise<void> => {
    const time = `${Math.ceil((Date.now() - second) / 1000) + QUARTER_OF_AN_HOUR_S}s`;
    const cursors = [
      ['inbox', 'orchestrator'],
      ['retries', 'job-retry'],
      ['timers', 'timer-service'],
      ['jobs.journeys.order', 'job-manager'],
      ['jobs.journeys.insist', 'job-manager'],
    ] as const;
    for (const [topic, subscription] of cursors) {
      const words = ['reset-cursor', `${line.namespace}/${topic}`, '--subscription', subscription, '--time', time];
      await runPulsarAdmin(webUrl, 'topics', ...words);
    }
    await runPulsarAdmin(webUrl, 'topics', 'unsubscribe', `${line.namespace}/history`, '--subscription', 'query', '--force');
  };

  const follow = async (work: (projection: Projection) => Promise<void>): Promise<void> => {
    const projection = createProjection(systemClock);
    const follower = await followHistory(line.bus, projection, (error) => {
      throw error;
    });
    try {
      await work(projection);
    } finally {
      await follower.stop();
    }
  };

  it(
    'the tables are lost after a while, and everything goes on from the second that they are put back to',
    async () => {
      const before = travel('before');
      await follow(() => before.reach(ON_THEIR_WAY));
      const { tables, at } = await takeTables();
      await line.startConnector();
      await before.stop();
      const lost = travel('lost');
      const countEnds = (): number => then.open.filter((run) => line.history.findEnds().has(run)).length;
      await line.history.until(`${ENDED_IN_VAIN} journeys end in vain`, GIVE_UP_MS, () => countEnds() >= ENDED_IN_VAIN);
      await lost.stop();
      await line.killConnector();
      await putBackTables(line.tables, tables);
      await setBack(at);
      await line.startConnector(raisedEpoch);
      const after = travel('after');
      await after.reach(ENDED_IN_VAIN);
      await after.stop();
      expect(then.open.length).toBeGreaterThan(ENDED_IN_VAIN);
      process.stdout.write(`${JSON.stringify({ runs: listStarted().length, open: then.open.length, endedInVain: countEnds() })}\n`);
    },
    PLAY_TIMEOUT_MS,
  );

  it(
    'every journey ends once, with the result of its own branch; nothing is blocked, and no key of the lost branch is used again',
    async () => {
      const deadline = performance.now() + GIVE_UP_MS;
      const find = async (): Promise<readonly string[]> => {
        const journeys = await line.read(listStarted());
        return findFaults(journeys, await line.read(listChildren(journeys)), await readService(service));
      };
      let faults = await find();
      while (faults.length > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        faults = await find();
      }
      expect(faults).toEqual([]);
    },
    PLAY_TIMEOUT_MS,
  );

  it('what was committed after that second is of the new epoch, and what was before it stands', async () => {
    for (const { run, commits } of await line.read(listStarted())) {
      const kept = then.versions.get(run) ?? 0;
      expect([run, ...commits.map(({ epoch }) => epoch)]).toEqual([run, ...commits.map((_, index) => (index < kept ? 0 : 1))]);
    }
  });

  it('no message is dead', async () => {
    expect((await readQueueStats(webUrl, `${line.namespace}/dead-letters`)).published).toBe(0);
  });

  it('a read model that is made anew shows of each run what the tables have', async () => {
    const journeys = await line.read(listStarted());
    const runs = [...journeys, ...(await line.read(listChildren(journeys)))];
    await follow(async (projection) => {
      const shown = runs.map(({ run }) => {
        const row = projection.find(run);
        const output = row?.output !== undefined && 'json' in row.output ? row.output.json : undefined;
        return [run, row?.status, row?.version, row?.eventNumber, output];
      });
      expect(shown).toEqual(
        runs.map((run) => {
          const newest = run.commits.at(-1);
          return [run.run, newest?.summary.status, newest?.version, run.events.length, findOutput(run)];
        }),
      );
    });
  });
});
