// Shows amounts of a plan to people: money, rates, large numbers.
import Big from 'big.js';
import { MONTH } from '../../cost/workload.ts';
import type { CheaperRange } from '../../cost/break-even.ts';

const group = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** A number with its thousands apart: `1,234.50`. */
export const formatNumber = (value: Big, decimals: number): string => {
  const [whole = '', rest] = value.toFixed(decimals).split('.');
  return rest === undefined ? group(whole) : `${group(whole)}.${rest}`;
};

/** Dollars to the cent. */
export const formatMoney = (usd: Big): string => formatNumber(usd, 2);

/** Dollars with three digits that say something: `0.0318`, `0.0000053`. */
export const formatSmallMoney = (usd: Big): string => (usd.gte(1) ? formatMoney(usd) : new Big(usd.toPrecision(3)).toFixed());

/** Large amounts rounded, small ones with what is behind the point. */
export const formatAmount = (amount: Big): string => formatNumber(amount, amount.gte(100) || amount.eq(amount.round(0)) ? 0 : 2);

const scales = [
  { unit: 'a second', perMonth: MONTH.seconds },
  { unit: 'a minute', perMonth: MONTH.hours * 60 },
  { unit: 'an hour', perMonth: MONTH.hours },
] as const;

const trim = (value: Big): string => {
  const text = new Big(value.toPrecision(value.gte(1000) ? 6 : 3)).toFixed();
  const [whole = '', rest] = text.split('.');
  return rest === undefined ? group(whole) : `${group(whole)}.${rest}`;
};

/** A rate in the unit that makes it more than one: `200 a second`, `3.5 an hour`. */
export const formatRate = (runsPerMonth: Big): string => {
  for (const { unit, perMonth } of scales) if (runsPerMonth.gte(perMonth)) return `${trim(runsPerMonth.div(perMonth))} ${unit}`;
  return `${trim(runsPerMonth)} a month`;
};

/** The rates at which the platform is not dearer. */
export const formatRanges = (ranges: readonly CheaperRange[]): string => {
  if (ranges.length === 0) return 'at no rate';
  const month = (runsPerSecond: Big): Big => runsPerSecond.times(MONTH.seconds);
  return ranges
    .map(({ from, to }) =>
      to === undefined ? `from ${formatRate(month(from))} on` : `from ${formatRate(month(from))} to ${formatRate(month(to))}`,
    )
    .join(', and ');
};

/** Rows under headings; the last `numbers` columns are to the right. */
export const alignRows = (rows: readonly (readonly string[])[], numbers: readonly number[]): readonly string[] => {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, at) => Math.max(cell.length, most[at] ?? 0)), []);
  return rows.map((row) =>
    row
      .map((cell, at) => (numbers.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};
