// Proves that docs/cost-model.md has the prices, the figures, the sizes and the bill that the program computes with.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import Big from 'big.js';
import { engineFigures } from '../../src/cost/engine-figures.ts';
import { planFleet } from '../../src/cost/plan-fleet.ts';
import { chooseSize, pricePlatform } from '../../src/cost/price-platform.ts';
import { priceRival, rivalNames } from '../../src/cost/price-rivals.ts';
import { prices, type Price } from '../../src/cost/prices.ts';
import { sizeNames, sizeShapes } from '../../src/cost/size-shapes.ts';
import { defaultWorkload } from '../../src/cost/workload.ts';
import { createComparison, findCheaperRanges } from '../../src/cost/break-even.ts';

const page = readFileSync('docs/cost-model.md', 'utf8');

/** Rows of the table whose heading begins so, each cell as it reads. */
const readTable = (firstHeading: string): readonly (readonly string[])[] => {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.replaceAll(/ +/g, ' ').startsWith(`| ${firstHeading} |`));
  expect(from, `a table that begins with "${firstHeading}"`).toBeGreaterThan(0);
  const rest = lines.slice(from + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll(/[`*]/g, '')),
  );
};

const group = (value: Big): string => value.toFixed(0).replaceAll(/\B(?=(\d{3})+$)/g, ',');

describe('the page about the cost model', () => {
  it('has every price with its tier, its source and its days, and no other', () => {
    const expected = Object.entries<Price>(prices).map(([name, { what, unit, usd, from = '', source }]) => [
      name,
      what,
      unit,
      usd,
      from,
      `[${new URL(source.url).hostname.replace('www.', '')}](${source.url})`,
      source.of ?? '',
      source.read,
      source.trust,
    ]);
    expect(readTable('name | what | unit')).toEqual(expected);
  });

  it('has every figure of the engine with where it comes from, and no other', () => {
    const expected = Object.entries(engineFigures).map(([name, { what, value, unit, basis, where }]) => [
      name,
      what,
      value,
      unit,
      basis,
      where,
    ]);
    expect(readTable('name | what | value')).toEqual(expected);
  });

  it('has the sizes as they are, and their limits', () => {
    const expected = sizeNames.map((size) => {
      const { machines, endpoints, writeQuorum } = sizeShapes[size];
      return [
        size,
        machines.map(({ count, role, instanceType }) => `${count} ${role} ${instanceType}`).join(', '),
        machines.flatMap(({ volumes }) => volumes.map(({ storage, gib }) => `${storage} ${gib}`)).join(', '),
        endpoints.map(({ service, zones }) => `${service} (${zones})`).join(', '),
        String(writeQuorum),
      ];
    });
    expect(readTable('size | machines')).toEqual(expected);
    const limits = (['dev', 'small'] as const).map((size) => {
      const { limit } = planFleet(size, { ...defaultWorkload, runsPerMonth: new Big(1) });
      return [size, limit?.steady.toFixed(0), limit?.peak.toFixed(0)];
    });
    expect(readTable('size | jobs a second for good')).toEqual(limits);
  });

  it('works out the bill that the program makes, line by line', () => {
    const { parts, usd } = pricePlatform('small', { ...defaultWorkload, runsPerMonth: new Big(1_000_000), retryShare: new Big(0) });
    const lines = parts
      .filter((part) => part.usd.gt(0))
      .map((part) => [part.what, part.amount.round(4).toFixed(), part.unit, part.price, part.usd.toFixed(4)]);
    const rows = readTable('part | how much').map(([what, , amount, unit, price, cost]) => [what, amount, unit, price, cost]);
    expect(rows).toEqual([...lines, ['Total', '', '', '', usd.toFixed(4)]]);
  });

  it('says what each rate costs, and where both cost the same', () => {
    const expected = [100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000].map((rate) => {
      const workload = { ...defaultWorkload, runsPerMonth: new Big(rate) };
      const size = chooseSize(workload);
      const { usd } = pricePlatform(size, workload);
      const others = rivalNames.map((rival) => group(priceRival(rival, workload).usd));
      return [group(new Big(rate)), size, group(usd), usd.times(1000).div(rate).toPrecision(3), ...others];
    });
    expect(readTable('runs a month')).toEqual(expected);
    const compare = createComparison({ ...defaultWorkload, runsPerMonth: new Big(1), retryShare: new Big(0) });
    const evens = rivalNames.map((rival) => findCheaperRanges(compare, rival).map(({ from }) => from.toFixed(2))[0] ?? 'never');
    expect(readTable('beside').map(([, rate]) => rate)).toEqual(evens);
  }, 60_000);
});
