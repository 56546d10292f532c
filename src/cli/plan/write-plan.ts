// A plan as text for whoever pays for it: what to take, what it costs and why, what else there is, and what is not in it.
import type Big from 'big.js';
import { sumParts, type CostGroup } from '../../cost/cost-part.ts';
import type { Plan } from '../../cost/make-plan.ts';
import { PRICED_REGION, prices } from '../../cost/prices.ts';
import { alignRows, formatAmount, formatMoney, formatRanges, formatRate, formatSmallMoney } from './format-plan.ts';
import { listAssumptions, notIncluded, listWarnings } from './list-assumptions.ts';

const titles: readonly (readonly [CostGroup, string])[] = [
  ['machines', 'Machines and disks'],
  ['network', 'Network'],
  ['functions', 'Functions (Lambda)'],
  ['state', 'Running workflows (DynamoDB)'],
  ['objects', 'Archives and large values (S3)'],
  ['watching', 'Logs and alarms (CloudWatch)'],
  ['keys', 'Keys and names'],
];

/** Parts that are most of the bill. */
const MOST = 3;

const share = (usd: Big, of: Big): string => (of.eq(0) ? '' : `${usd.times(100).div(of).toFixed(1)} %`);

const list = (lines: readonly string[]): string => lines.map((line) => `  - ${line}`).join('\n');

const writeLoad = ({ workload, size, fleet }: Plan): string => {
  const { runsPerMonth, peakFactor, steps } = workload;
  const runs = `${formatRate(runsPerMonth)} (${formatAmount(runsPerMonth)} a month)`;
  const machines = fleet.machines.map(({ role, count, instanceType }) => `${count} ${role} ${instanceType}`).join(', ');
  return [
    `Runs: ${runs} of ${steps} ${steps === 1 ? 'job' : 'jobs'}, ${formatRate(runsPerMonth.times(peakFactor))} at the peak.`,
    `Size: ${size}.`,
    `Machines: ${machines}.`,
  ].join('\n');
};

const writeBill = ({ parts, usd, usdPer1000Runs, usdPerStep }: Plan): string => {
  const rows = titles.flatMap(([group, title]) => {
    const own = parts.filter((part) => part.group === group && part.usd.gt(0));
    const sum = sumParts(own);
    return [
      [title, '', '', formatMoney(sum), share(sum, usd)],
      ...own.map((part) => [`  ${part.what}`, formatAmount(part.amount), part.unit, formatMoney(part.usd), '']),
    ];
  });
  const lines = alignRows([['', 'amount', 'unit', 'USD a month', 'share'], ...rows, ['Total', '', '', formatMoney(usd), '']], [1, 3, 4]);
  const unit =
    usdPer1000Runs === undefined || usdPerStep === undefined
      ? []
      : [`1,000 runs: ${formatSmallMoney(usdPer1000Runs)} USD. One job of a run: ${formatSmallMoney(usdPerStep)} USD.`];
  return ['Cost', ...lines.map((line) => `  ${line}`.trimEnd()), ...unit].join('\n');
};

const writeSizes = ({ sizes }: Plan): string => {
  const rows = sizes.map(({ size, usd, holds, survivesLoss }) => [
    size,
    holds ? formatMoney(usd) : '-',
    holds ? 'takes it' : 'too small',
    survivesLoss ? 'goes on when a machine is lost' : 'stops when its machine does',
  ]);
  return ['Sizes', ...alignRows([['size', 'USD a month', 'this load', ''], ...rows], [1]).map((line) => `  ${line}`)].join('\n');
};

const writeRivals = ({ rivals, usd }: Plan): string => {
  const rows = rivals.map(({ title, usd: other, cheaper }) => [
    title,
    formatMoney(other),
    other.gt(usd) ? `${other.div(usd).toFixed(1)} times as much` : `${share(other, usd)} of it`,
    formatRanges(cheaper),
  ]);
  const heading = ['the same runs on', 'USD a month', 'beside the total', 'Starquake costs no more'];
  return [
    'Compared',
    ...alignRows([heading, ...rows], [1]).map((line) => `  ${line}`),
    list(rivals.map(({ title, note }) => `${title}: ${note}`)),
  ].join('\n');
};

const writeDominating = ({ parts, usd }: Plan): string => {
  const most = parts.toSorted((one, other) => other.usd.cmp(one.usd)).slice(0, MOST);
  return `What dominates\n${list(most.map((part) => `${part.what}: ${formatMoney(part.usd)}, ${share(part.usd, usd)}`))}`;
};

const writeSavings = ({ savings }: Plan): string =>
  savings.length === 0 ? '' : `What would make it cheaper\n${list(savings.map(({ what, usd }) => `${formatMoney(usd)}: ${what}.`))}`;

const newest = (): string => Object.values(prices).reduce((day, { source }) => (source.read > day ? source.read : day), '');

/** Writes a plan for people. */
export const writePlan = (plan: Plan): string => {
  const warnings = listWarnings(plan);
  return [
    writeLoad(plan),
    warnings.length === 0 ? '' : list(warnings),
    writeBill(plan),
    writeSizes(plan),
    writeRivals(plan),
    writeDominating(plan),
    writeSavings(plan),
    `Assumptions\n${list(listAssumptions(plan))}`,
    `Not in it\n${list(notIncluded)}`,
    `List prices of ${PRICED_REGION}, on demand, read until ${newest()}. Formulas and sources: docs/cost-model.md.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};
