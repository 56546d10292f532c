// Measures one load on the line: time, writes, decisions, bytes on each link and billed time, all per run or per step.
import { readBusTraffic } from './aws-local/bus-bytes.ts';
import type { DecisionFigures } from './aws-local/decision-count.ts';
import { driveRuns, type Drive } from './aws-local-drive-runs.ts';
import type { Connector, Line } from './aws-local/open-line.ts';
import { createLedgerReader } from './aws-local/read-ledger.ts';
import { readMetrics, subtractByLabel } from './aws-local/read-metrics.ts';

/** The ledger is published, and counters of topics are brought up, within this. */
const SETTLE_MS = 1_500;

const round = (value: number): number => Math.round(value * 100) / 100;

const mapValues = (values: Iterable<readonly [string, number]>, per: number): Record<string, number> =>
  Object.fromEntries([...values].map(([name, value]) => [name, round(value / per)]));

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

const readLinks = async ({ links, place }: Line) => ({
  sent: Object.entries(links).map(([name, { bytes }]) => [name, bytes] as const),
  bus: await readBusTraffic(place),
});

type Reading = Awaited<ReturnType<typeof readLinks>>;

/** Bytes of the bus are what is published, and what is given to readers, of whom one is the benchmark itself. */
const compareLinks = (after: Reading, before: Reading, steps: number) => {
  const messages: Record<string, number> = {};
  let [published, delivered] = [0, 0];
  for (const [topic, traffic] of after.bus) {
    const old = before.bus.get(topic);
    const grown = traffic.messages - (old?.messages ?? 0);
    if (grown > 0) messages[topic] = round(grown / steps);
    published += traffic.bytesIn - (old?.bytesIn ?? 0);
    delivered += traffic.bytesOut - (old?.bytesOut ?? 0);
  }
  const sent = after.sent.map(([name, bytes], index) => [name, Math.round((bytes - (before.sent[index]?.[1] ?? 0)) / steps)] as const);
  return {
    bytesPerStep: {
      'bus, published': Math.round(published / steps),
      'bus, delivered': Math.round(delivered / steps),
      ...Object.fromEntries<number>(sent),
    },
    messagesPerStep: messages,
  };
};

const compareDecisions = (after: DecisionFigures, before: DecisionFigures) => {
  const [live, missed] = [after.live - before.live, after.missed - before.missed];
  return {
    runsPerDecisionInvocation: round((after.runs - before.runs) / (after.invocations - before.invocations)),
    ...(live > 0 && { liveDecisions: live, liveRunHitRate: round((live - missed) / live) }),
  };
};

/** Everything about one load. */
export const measureLoad = async (line: Line, { health }: Connector, drive: Drive) => {
  const ledger = createLedgerReader(line.bus);
  await ledger.readNew();
  const [linksBefore, metricsBefore, decisionsBefore] = [await readLinks(line), await readMetrics(health), line.decisions.figures];
  const driven = await driveRuns(line, drive);
  await settle();
  const [linksAfter, metricsAfter, entries] = [await readLinks(line), await readMetrics(health), await ledger.readNew()];
  const { runs } = driven;
  const steps = runs * drive.stepsPerRun;
  const units = subtractByLabel(metricsAfter, metricsBefore, 'starquake_store_units_total', 'operation', 'direction="write"');
  const readUnits = subtractByLabel(metricsAfter, metricsBefore, 'starquake_store_units_total', 'operation', 'direction="read"');
  const outcomes = subtractByLabel(metricsAfter, metricsBefore, 'starquake_invocation_seconds_count', 'outcome');
  const billed = [...Map.groupBy(entries, ({ kind }) => kind)].map(
    ([kind, own]) => [kind, own.reduce((sum, { billedMs }) => sum + billedMs, 0)] as const,
  );
  return {
    ...driven,
    storeWritesPerRun: mapValues(line.writes.count(`${drive.name}-`), runs),
    writeUnitsPerRun: mapValues(Object.entries(units), runs),
    readUnitsPerRun: mapValues(Object.entries(readUnits), runs),
    ...compareDecisions(line.decisions.figures, decisionsBefore),
    billedMsPerStep: mapValues(billed, steps),
    invocationsByOutcome: outcomes,
    coldStarts: entries.filter(({ coldStart }) => coldStart).length,
    ...compareLinks(linksAfter, linksBefore, steps),
  };
};
