// Says what a plan rests on, what is not in it, and what to look at before it is believed.
import type Big from 'big.js';
import { engineFigures } from '../../cost/engine-figures.ts';
import type { Plan } from '../../cost/make-plan.ts';
import { formatAmount, formatNumber } from './format-plan.ts';

/** What the bill of AWS has besides. */
export const notIncluded: readonly string[] = [
  'Support plans, taxes, discounts, Savings Plans and the free tier.',
  'Data out of AWS, and whatever the jobs themselves call and pay for.',
  'The API, the dashboard and who signs in to them; proxies for clients outside of the network; logs of refused connections.',
  'Cold starts of functions, which are billed too, and processor credits of burstable machines beyond their share.',
  'Runs that fail and are kept for 30 days instead of one.',
];

const percent = (share: Big): string => `${formatNumber(share.times(100), 1)} %`;

/** What a plan rests on. */
export const listAssumptions = ({ workload, fleet }: Plan): readonly string[] => {
  const { steps, timers, retryShare, payloadBytes, jobMs, jobMemoryMb, decisionMs, decisionMemoryMb, retentionDays } = workload;
  const headroom = `${Number(engineFigures.busyShare.value) * 100} %`;
  const { limit } = fleet;
  return [
    `A month has 730 hours; a run has ${steps} jobs one after another, waits ${formatAmount(timers)} times, and ${percent(retryShare)} of its attempts are repeated.`,
    `A value has ${formatBytes(payloadBytes)} bytes; above 65,536 it goes to S3 and a link travels.`,
    `A job is billed ${formatAmount(jobMs)} ms at ${jobMemoryMb} MB; a decision ${formatAmount(decisionMs)} ms and ${engineFigures.decisionRunMs.value} ms for each run in it at ${decisionMemoryMb} MB.`,
    `What S3 keeps is kept for ${retentionDays} days, and the bill is that of a month in which as much is there.`,
    `Processors are planned to be ${headroom} busy at the peak${fleet.shape.survivesLoss ? '; one machine of each kind is there to be lost' : ''}.`,
    ...(limit === undefined
      ? []
      : [`This size takes ${formatAmount(limit.steady)} jobs a second for good and ${formatAmount(limit.peak)} for a while.`]),
    'Writes, messages, bytes and processor time of the engine are measured; figures marked "assumed" in docs/cost-model.md are not yet.',
    'Everything is in one region, and each message is read once; another reader of `history` pays for its transfer.',
  ];
};

const formatBytes = (bytes: number): string => bytes.toLocaleString('en-US');

/** Machines of a role. */
const count = ({ fleet }: Plan, role: string): number => fleet.machines.find((machine) => machine.role === role)?.count ?? 0;

/** Fewer bookies than this may stand still when the zone is lost that has two of them. */
const BOOKIES_FOR_A_ZONE = 5;
/** As many connectors as the settings let the group grow to, unless told otherwise. */
const CONNECTORS_BY_DEFAULT = 10;

/** What to look at. */
export const listWarnings = (plan: Plan): readonly string[] => {
  const { fleet, size } = plan;
  const [bookies, connectors] = [count(plan, 'bookie'), count(plan, 'connector')];
  return [
    ...(fleet.holds ? [] : [`The size ${size} does not take this load; the bill is of what it would use if it did.`]),
    ...(fleet.shape.survivesLoss ? [] : [`The size ${size} is one machine: when it stops, everything waits until it is back.`]),
    ...(bookies > 0 && bookies < BOOKIES_FOR_A_ZONE
      ? [`With ${bookies} bookies the loss of the zone that has two of them stops writing until one is back; ${BOOKIES_FOR_A_ZONE} go on.`]
      : []),
    ...(connectors > CONNECTORS_BY_DEFAULT
      ? [`Set production.connectors.most to ${connectors} or more: it is ${CONNECTORS_BY_DEFAULT} unless set.`]
      : []),
  ];
};
