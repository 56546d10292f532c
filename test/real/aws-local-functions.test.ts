// Functions that hang, crash, run out of memory, answer too much or not JSON, on the whole line: every run ends once, and the ledger is right.
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleApp } from '../../src/bundle/bundle-app.ts';
import type { InboxDraft } from '../../src/engine/outbox/derivation.ts';
import { findFunctionName } from '../../src/platform/function-names.ts';
import type { EventOf } from '../../src/protocol/events.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { openLine, type Line } from '../support/aws-local/open-line.ts';
import { readLedger, type Ledger } from '../support/aws-local/read-ledger.ts';
import type { ConnectorService } from '../support/aws-local/connector-service.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const START_TIMEOUT_MS = 300_000;
const GIVE_UP_MS = 150_000;
const BOOKINGS = 60;

/** What each way comes to when it goes wrong each time. */
const ways = {
  hang: 'ATTEMPT_TIMED_OUT',
  spin: 'FUNCTION_TIMED_OUT',
  crash: 'FUNCTION_CRASHED',
  'take-memory': 'FUNCTION_OUT_OF_MEMORY',
  'reject-aside': 'FUNCTION_CRASHED',
  'answer-no-json': 'OUTPUT_NOT_JSON',
  'answer-too-much': 'PAYLOAD_TOO_LARGE',
};
/** Another attempt would meet these again. */
const final: ReadonlySet<string> = new Set(['OUTPUT_NOT_JSON', 'PAYLOAD_TOO_LARGE']);

const foreignWays = {
  throwError: 'FUNCTION_CRASHED',
  answerNoJson: 'FUNCTION_CRASHED',
  answerText: 'OUTPUT_NOT_JSON',
  answerTooMuch: 'PAYLOAD_TOO_LARGE',
  neverAnswer: 'FUNCTION_TIMED_OUT',
  loopForever: 'FUNCTION_TIMED_OUT',
  exit: 'FUNCTION_CRASHED',
  takeAllMemory: 'FUNCTION_OUT_OF_MEMORY',
};

const start = (run: string, workflow: string, input: object): InboxDraft => ({
  type: 'StartRun',
  run,
  app: 'unruly',
  workflow,
  input: { json: input },
  inputHash: '',
  tags: {},
  requestId: run,
});

const makeBookings = (name: string): readonly InboxDraft[] =>
  Array.from({ length: BOOKINGS }, (_, index) => start(`${name}-${index}`, 'book-trip', { order: `${name}-${index}` }));

const runsOf = (drafts: readonly InboxDraft[]): readonly string[] => drafts.map(({ run }) => run);

describe.skipIf(missing !== '')(`functions that misbehave${missing}`, () => {
  let line: Line;
  let connector: ConnectorService;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    line = await openLine({ entry: 'test/support/apps/unruly/app.ts', webUrl, brokerUrl, name: 'unruly' });
    closers.push(() => line.close());
    const file = resolve('test/support/functions/misbehave-foreign.ts');
    line.aws.lambda.install({ functions: [{ name: 'misbehave', file, memoryMb: 128, timeoutMs: 4000 }] });
    ({ connector } = await line.startConnector());
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    for (const close of closers) await close();
  }, START_TIMEOUT_MS);

  /** The code that a run's failure came from, its result, or that it did not end once. */
  const readEnd = (run: string): unknown => {
    const ends = line.history.findEnds().get(run) ?? [];
    const [end] = ends;
    if (ends.length !== 1 || end === undefined) return `ended ${ends.length} times`;
    if (end.type === 'RunCompleted') return 'link' in end.output ? end.output.link.bytes : end.output.json;
    const failed = line.history.listEvents(run).findLast((event): event is EventOf<'JobFailed'> => event.type === 'JobFailed');
    return end.type === 'RunFailed' ? failed?.failure.code : end.type;
  };
  const readEnds = (runs: readonly string[]): Readonly<Record<string, unknown>> =>
    Object.fromEntries(runs.map((run) => [run, readEnd(run)]));

  const expectBooked = (bookings: readonly InboxDraft[]): void => {
    expect(readEnds(runsOf(bookings))).toEqual(Object.fromEntries(runsOf(bookings).map((run) => [run, [`paid ${run}`, `booked ${run}`]])));
  };

  it('a job that goes wrong is tried again; one that does each time fails its run with what it was; all others go on', async () => {
    const names = Object.entries(ways);
    const once = names.map(([way]) => start(`once-${way}`, 'suffer', { way, order: way, wrongAttempts: 1 }));
    const always = names.map(([way]) => start(`always-${way}`, 'suffer', { way, order: way, wrongAttempts: 9 }));
    const foreign = Object.keys(foreignWays).map((way) => start(`foreign-${way}`, 'suffer-foreign', { way, holds: false }));
    const sizes = [70_000, 7_000_000].map((characters) => start(`much-${characters}`, 'carry-much', { characters }));
    const bookings = makeBookings('beside');
    const all = [...once, ...always, ...foreign, ...sizes, ...bookings];
    await line.send(all);
    await line.history.untilEnded(runsOf(all), GIVE_UP_MS);
    expectBooked(bookings);
    expect(readEnds(runsOf(once))).toEqual(
      Object.fromEntries(names.map(([way, code]) => [`once-${way}`, final.has(code) ? code : [`${way} ${way}`, `paid ${way}`]])),
    );
    expect(readEnds(runsOf(always))).toEqual(Object.fromEntries(names.map(([way, code]) => [`always-${way}`, code])));
    expect(readEnds(runsOf(foreign))).toEqual(
      Object.fromEntries(Object.entries(foreignWays).map(([way, code]) => [`foreign-${way}`, code])),
    );
    // With the quotes of the JSON.
    expect(readEnds(runsOf(sizes))).toEqual({ 'much-70000': 70_002, 'much-7000000': 7_000_002 });
  });

  it('a job whose attempts are used up waits for an administrator where its policy says so', async () => {
    const runs = ['exit', 'takeAllMemory', 'neverAnswer'].map((way) => start(`held-${way}`, 'suffer-foreign', { way, holds: true }));
    await line.send(runs);
    const findHeld = (run: string) => line.history.listEvents(run).find((event): event is EventOf<'JobHeld'> => event.type === 'JobHeld');
    await line.history.until('jobs are held', GIVE_UP_MS, () => runsOf(runs).every((run) => findHeld(run) !== undefined));
    expect(runsOf(runs).map((run) => findHeld(run)?.failure.code)).toEqual([
      'FUNCTION_CRASHED',
      'FUNCTION_OUT_OF_MEMORY',
      'FUNCTION_TIMED_OUT',
    ]);
    await line.send(
      runsOf(runs).map((run) => ({
        type: 'CompleteJob',
        run,
        job: findHeld(run)?.job ?? 0,
        output: { json: 'by hand' },
        requestId: randomUUID(),
      })),
    );
    await line.history.untilEnded(runsOf(runs), GIVE_UP_MS);
    expect(runsOf(runs).map(readEnd)).toEqual(runs.map(() => 'by hand'));
  });

  it('workflow code that computes without end or takes all memory blocks its own run, which goes on when it was repaired', async () => {
    const broken = ['compute', 'fill-memory'].flatMap((workflow) =>
      [1, 2].map((number) => start(`${workflow}-${number}`, workflow, { order: `${workflow}-${number}` })),
    );
    const bookings = makeBookings('meanwhile');
    await line.send([...broken, ...bookings]);
    const isBlockedFor = (run: string, code: string): boolean =>
      line.history.listEvents(run).some((event) => event.type === 'RunBlocked' && event.failure.code === code);
    const findCode = (run: string): string => (run.startsWith('compute') ? 'DECISION_TIMED_OUT' : 'FUNCTION_OUT_OF_MEMORY');
    await line.history.untilEnded(runsOf(bookings), GIVE_UP_MS);
    await line.history.until('broken runs are blocked', GIVE_UP_MS, () => runsOf(broken).every((run) => isBlockedFor(run, findCode(run))));
    expectBooked(bookings);
    expect(runsOf(broken).filter((run) => line.history.findEnds().has(run))).toEqual([]);
    const outDir = join(line.aws.scratch, 'repaired');
    await line.aws.deploy(
      await bundleApp('test/support/apps/unruly/repaired-app.ts', { outDir, deployment: 'd2', order: Date.now(), jobs: 'each' }),
    );
    await line.history.untilEnded(runsOf(broken), GIVE_UP_MS);
    expectBooked(broken);
    const changed = line.history.commits.filter(({ events }) => events.some(({ type }) => type === 'DeploymentChanged'));
    expect(changed.map(({ run }) => run).toSorted()).toEqual(runsOf(broken).toSorted());
  });

  it('the ledger has one entry per invocation that was answered; those that a kill cut off are named by the log of whoever answered them', async () => {
    const listAnswered = () =>
      line.aws.lambda.listInvocations().filter(({ outcome, delivered }) => outcome !== 'running' && outcome !== 'refused' && delivered);
    const listEstimated = ({ entries }: Ledger) => [...entries.values()].filter(({ source }) => source === 'estimated');
    /** Answers that are not in the ledger, beyond those that the connector had given up, as its estimates say, when they came. */
    const findMissed = async (): Promise<readonly string[]> => {
      const ledger = await readLedger(line.bus);
      const givenUp = listEstimated(ledger).map((entry) => findFunctionName(entry.function, { prefix: 'sq-' }));
      const absent = listAnswered().filter(({ requestId }) => !ledger.entries.has(requestId));
      return absent.flatMap(({ requestId, functionName }) => {
        const at = givenUp.indexOf(functionName);
        if (at >= 0) givenUp.splice(at, 1);
        return at >= 0 ? [] : [requestId];
      });
    };
    await expect.poll(findMissed, { timeout: 30_000 }).toEqual([]);
    const bookings = makeBookings('killed');
    await line.send(bookings);
    await line.history.until('some runs end', GIVE_UP_MS, () => runsOf(bookings).some((run) => line.history.findEnds().has(run)));
    await connector.end('SIGKILL');
    const atTheKill = new Set(line.aws.lambda.listInvocations().map(({ requestId }) => requestId));
    const { connector: next } = await line.startConnector();
    await line.history.untilEnded(runsOf(bookings), GIVE_UP_MS);
    expectBooked(bookings);
    expect(await next.end('SIGTERM')).toBe(0);

    const ledger = await readLedger(line.bus);
    const { entries, contradicted } = ledger;
    const estimated = listEstimated(ledger);
    const invocations = line.aws.lambda.listInvocations();
    const known = new Set(invocations.map(({ requestId }) => requestId));
    const missed = await findMissed();
    const cutOff = invocations.filter(({ delivered }) => !delivered);
    process.stdout.write(
      `${JSON.stringify({ invocations: invocations.length, ledger: entries.size, missed: missed.length, cutOff: cutOff.length, estimated: estimated.length })}\n`,
    );
    expect(contradicted).toEqual([]);
    // What is in no log was given up by the connector before it was answered, and says so.
    expect([...entries.values()].filter(({ requestId, source }) => !known.has(requestId) && source === 'report')).toEqual([]);
    expect(missed.filter((requestId) => !atTheKill.has(requestId))).toEqual([]);
    expect(missed.length).toBeLessThan(BOOKINGS);
  });
});
