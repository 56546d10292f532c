// Looks at what the tables have of each journey after a restore: ended once, and every answer that it took is its own branch's.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Payload } from '../../../src/protocol/payload.ts';
import type { TableRun } from './read-tables.ts';

const ends: ReadonlySet<string> = new Set(['RunCompleted', 'RunFailed', 'RunCanceled', 'RunTerminated', 'RunRefused']);
const receiptSchema = z.object({ key: z.string(), receipt: z.string() });
const legSchema = z.object({ paid: z.string(), receipts: z.tuple([receiptSchema, receiptSchema]) });
const journeySchema = z.object({
  receipts: z.tuple([receiptSchema, receiptSchema]),
  heard: z.string(),
  legs: z.tuple([legSchema, legSchema]),
});

const unpack = (payload: Payload | undefined): unknown => (payload !== undefined && 'json' in payload ? payload.json : undefined);

/** What the service has done: its receipts, by the keys under which they were asked for. */
export const readService = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const files = (await readdir(folder)).filter((file) => !file.endsWith('.draft'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return new Map(texts.map((text) => receiptSchema.parse(JSON.parse(text))).map(({ key, receipt }) => [key, receipt]));
};

/** The children of these runs, as they name them. */
export const listChildren = (runs: readonly TableRun[]): readonly string[] =>
  runs.flatMap(({ events }) => events.flatMap(({ event }) => (event.type === 'ChildStarted' ? [event.run] : [])));

/** The result of a run. */
export const findOutput = ({ events }: TableRun): unknown => {
  for (const { event } of events) if (event.type === 'RunCompleted') return unpack(event.output);
  return undefined;
};

const findWrongEnd = ({ run, events }: TableRun): readonly string[] => {
  const found = events.filter(({ event }) => ends.has(event.type)).map(({ event }) => event.type);
  return found.length === 1 && found[0] === 'RunCompleted'
    ? []
    : [`${run}: ends ${JSON.stringify(found)} after ${events.map(({ event, epoch }) => `${event.type}/${epoch}`).join(' ')}`];
};

const findOddEvents = ({ run, events }: TableRun): readonly string[] =>
  events
    .filter(({ event }) => ['RunBlocked', 'JobFailed', 'JobCanceled', 'RequestRefused'].includes(event.type))
    .map(({ event }) => `${run}: ${JSON.stringify(event)}`);

/** Each job was done under the key of the epoch that asked for it, and what it answered is what was done then. */
const findWrongAnswers = ({ run, events }: TableRun, service: ReadonlyMap<string, string>): readonly string[] => {
  const asked = new Map(events.map(({ event, epoch }) => [event.number, epoch]));
  return events.flatMap(({ event }) => {
    if (event.type !== 'JobSucceeded') return [];
    const key = `${asked.get(event.job)}/${run}/${event.job}`;
    const answer = receiptSchema.safeParse(unpack(event.output)).data;
    return answer?.key === key && answer.receipt === service.get(key)
      ? []
      : [`${run}: job ${event.job} was answered ${JSON.stringify(answer)}`];
  });
};

/** What a parent was told of its children is what they came to. */
const findWrongChildren = ({ run, events }: TableRun, outputs: ReadonlyMap<string, unknown>): readonly string[] => {
  const children = new Map(events.flatMap(({ event }) => (event.type === 'ChildStarted' ? [[event.number, event.run] as const] : [])));
  return events.flatMap(({ event }) => {
    if (event.type !== 'ChildClosed') return [];
    const [told, is] = [JSON.stringify(unpack(event.output)), JSON.stringify(outputs.get(children.get(event.child) ?? ''))];
    return told === is ? [] : [`${run}: child ${event.child} came to ${is}, and its parent was told ${told}`];
  });
};

const findWrongResult = (run: TableRun): readonly string[] => {
  const result = journeySchema.safeParse(findOutput(run)).data;
  const isRight = result?.heard === `to ${run.run}` && result.legs[1].paid === result.receipts[0].receipt;
  return isRight ? [] : [`${run.run}: its result is ${JSON.stringify(findOutput(run))}`];
};

/** Everything that is not as it should be, in words. */
export const findFaults = (
  journeys: readonly TableRun[],
  legs: readonly TableRun[],
  service: ReadonlyMap<string, string>,
): readonly string[] => {
  const outputs = new Map(legs.map((leg) => [leg.run, findOutput(leg)]));
  return [
    ...[...journeys, ...legs].flatMap((run) => [...findWrongEnd(run), ...findOddEvents(run), ...findWrongAnswers(run, service)]),
    ...journeys.flatMap((run) => [...findWrongChildren(run, outputs), ...findWrongResult(run)]),
  ];
};
