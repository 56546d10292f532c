// A rolling upgrade under load: an old connector and a new one side by side, a changed version of messages, functions of two deployments.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { InboxDraft } from '../../src/engine/outbox/derivation.ts';
import type { EventOf } from '../../src/protocol/events.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import type { ConnectorService } from '../support/aws-local/connector-service.ts';
import { LINE_PARTITIONS, openLine, type Line } from '../support/aws-local/open-line.ts';
import { readLedger } from '../support/aws-local/read-ledger.ts';
import { keepBusy, type Load } from '../support/upgrade/keep-busy.ts';
import { makeNextRelease, NEXT_VERSION, type Release } from '../support/upgrade/make-next-release.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const START_TIMEOUT_MS = 300_000;
const GIVE_UP_MS = 120_000;
const AT_ONCE = 4;
const WAITING = 8;

const statsSchema = z.object({
  msgInCounter: z.number(),
  subscriptions: z.record(z.string(), z.object({ msgBacklog: z.number() })),
});

const start = (order: string, waits: boolean): InboxDraft => ({
  type: 'StartRun',
  run: order,
  app: 'rolling',
  workflow: 'book-trip',
  input: { json: { order, waits } },
  inputHash: '',
  tags: {},
  requestId: order,
});

describe.skipIf(missing !== '')(`a rolling upgrade under load${missing}`, () => {
  let line: Line;
  let next: Release;
  let load: Load;
  let old: ConnectorService;
  let newWritingOld: ConnectorService;
  let late: ConnectorService;
  let lateHealth: string;
  const closers: (() => Promise<void>)[] = [];
  const waiting = Array.from({ length: WAITING }, (_, index) => `waiting-${index}`);

  beforeAll(async () => {
    next = await makeNextRelease();
    closers.push(() => next.remove());
    line = await openLine({ entry: 'test/support/apps/rolling/app.ts', jobs: 'together', webUrl, brokerUrl, name: 'rolling' });
    closers.push(() => line.close());
    ({ connector: old } = await line.startConnector());
    await line.send(waiting.map((run) => start(run, true)));
    load = keepBusy(
      (drafts) => line.send(drafts),
      (batch) => Array.from({ length: AT_ONCE }, (_, index) => start(`run-${batch * AT_ONCE + index}`, false)),
      (runs) => {
        const ends = line.history.findEnds();
        return runs.filter((run) => ends.has(run)).length;
      },
    );
    closers.push(() => load.stop());
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  }, START_TIMEOUT_MS);

  /** Waits until so many of the runs that are started from now on have ended. */
  const untilMoreEnd = async (count: number): Promise<void> => {
    const from = load.runs.length;
    await line.history.until(`${count} more runs end`, GIVE_UP_MS, () => {
      const ends = line.history.findEnds();
      return load.runs.slice(from).filter((run) => ends.has(run)).length >= count;
    });
  };
  const findStart = (run: string): EventOf<'RunStarted'> | undefined =>
    line.history.listEvents(run).find((event): event is EventOf<'RunStarted'> => event.type === 'RunStarted');
  const listVersions = (): ReadonlySet<number> => new Set(line.history.commits.map(({ v }) => v));
  const readStats = async (topic: string, partition = 0): Promise<z.infer<typeof statsSchema>> =>
    statsSchema.parse(await (await fetch(`${webUrl}/admin/v2/persistent/${line.namespace}/${topic}-partition-${partition}/stats`)).json());

  it('an old connector and a new one that writes the old version share the work', async () => {
    await untilMoreEnd(AT_ONCE * 3);
    // The engine's own function first: it reads what any connector of the two says.
    line.aws.lambda.install(await next.bundleTimer({ outDir: join(line.aws.scratch, 'next-timer') }));
    ({ connector: newWritingOld } = await line.startConnector({ STARQUAKE_WRITE_VERSION: String(PROTOCOL_VERSION) }, next.root));
    await untilMoreEnd(AT_ONCE * 3);
    expect(listVersions()).toEqual(new Set([PROTOCOL_VERSION]));
  });

  it('a deployment of the app that the new release made is taken up by both; what has begun stays where it is', async () => {
    const outDir = join(line.aws.scratch, 'd2');
    const bundle = await next.bundleApp('test/support/apps/rolling/next-app.ts', { outDir, deployment: 'd2', order: Date.now() });
    expect(bundle.manifest.v).toBe(NEXT_VERSION);
    await line.aws.deploy(bundle);
    await line.history.until('new runs are on it', GIVE_UP_MS, () => {
      const newest = load.runs.flatMap((run) => findStart(run)?.deployment ?? []).slice(-LINE_PARTITIONS * 3);
      return newest.length > LINE_PARTITIONS && newest.every((deployment) => deployment === 'd2');
    });
    expect(waiting.map((run) => findStart(run)?.deployment)).toEqual(waiting.map(() => 'd1'));
  });

  it('the old connector leaves under load', async () => {
    expect(await old.end('SIGTERM')).toBe(0);
    await untilMoreEnd(AT_ONCE * 3);
    expect(listVersions()).toEqual(new Set([PROTOCOL_VERSION]));
  });

  it('when the roll is done the new version is written, and functions of the old release go on with their runs', async () => {
    await line.startConnector({}, next.root);
    expect(await newWritingOld.end('SIGTERM')).toBe(0);
    await untilMoreEnd(AT_ONCE * 3);
    expect(listVersions()).toEqual(new Set([PROTOCOL_VERSION, NEXT_VERSION]));
    await line.send(waiting.map((run) => ({ type: 'Signal', run, signal: 'go', value: { json: 'go' }, requestId: `go ${run}` })));
    await line.history.untilEnded(waiting, GIVE_UP_MS);
    const last = waiting.map((run) => line.history.commits.findLast((commit) => commit.run === run)?.v);
    expect(last).toEqual(waiting.map(() => NEXT_VERSION));
  });

  it('an old connector that comes late says UPGRADE_ME, gives up what it reads, and loses nothing', async () => {
    ({ connector: late, health: lateHealth } = await line.startConnector());
    await expect.poll(async () => (await fetch(`${lateHealth}/ready`)).status, { timeout: GIVE_UP_MS }).toBe(503);
    expect(await (await fetch(`${lateHealth}/ready`)).text()).toContain('of a newer version');
    const left = ['reading inbox', 'reading jobs.', 'reading timers', 'reading retries'];
    await expect
      .poll(() => left.filter((reading) => !late.log.includes(`"UPGRADE_ME","doing":"${reading}`)), { timeout: GIVE_UP_MS })
      .toEqual([]);
    await untilMoreEnd(AT_ONCE * 5);
    expect(late.hasEnded).toBe(false);
  });

  it('every run has ended once, on its own deployment; nothing is lost and nothing is dead-lettered', async () => {
    await load.stop();
    const runs = [...waiting, ...load.runs];
    await line.history.untilEnded(runs, GIVE_UP_MS);
    const ends = line.history.findEnds();
    const expected = (run: string): unknown => {
      const deployment = findStart(run)?.deployment ?? '';
      return [deployment, `${deployment} paid`];
    };
    const found = runs.map((run) => {
      const own = ends.get(run) ?? [];
      const [end] = own;
      return end?.type === 'RunCompleted' && own.length === 1 && 'json' in end.output
        ? [run, z.array(z.string()).parse(end.output.json).slice(0, 2)]
        : [run, own.map(({ type }) => type)];
    });
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(runs.map((run) => [run, expected(run)])));
    const odd = line.history.commits.flatMap(({ run, events }) => events.map(({ type }) => `${type} ${run}`));
    expect(odd.filter((text) => /^(RunBlocked|DeploymentChanged|JobFailed|RequestRefused) /.test(text))).toEqual([]);
    expect((await readStats('dead-letters')).msgInCounter).toBe(0);
    // What the late one was given and could not read came to the other one.
    const partitions = Array.from({ length: LINE_PARTITIONS }, (_, partition) => partition);
    const findBacklog = async (): Promise<readonly number[]> =>
      Promise.all(
        partitions.map(async (partition) => (await readStats('inbox', partition)).subscriptions['orchestrator']?.msgBacklog ?? -1),
      );
    await expect.poll(findBacklog, { timeout: GIVE_UP_MS }).toEqual(partitions.map(() => 0));
    const { contradicted, entries } = await readLedger(line.bus);
    expect(contradicted).toEqual([]);
    const byVersion = Object.fromEntries([...Map.groupBy(line.history.commits, ({ v }) => `v${v}`)].map(([v, own]) => [v, own.length]));
    process.stdout.write(`${JSON.stringify({ runs: runs.length, commits: byVersion, ledger: entries.size })}\n`);
  });
});
