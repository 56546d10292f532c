// Reads what people type of a load: rates, shares, sizes of values; says how to write what cannot be understood.
import Big from 'big.js';
import { InvalidArgumentError } from 'commander';
import { PRICED_REGION } from '../../cost/prices.ts';
import { sizeNames, type SizeName } from '../../cost/size-shapes.ts';
import { MONTH } from '../../cost/workload.ts';

const MULTIPLES: Readonly<Record<string, string>> = { '': '1', k: '1000', M: '1000000' };

/** Times of each unit in a month, times a divisor, so that nothing is rounded before it must be. */
const UNITS: Readonly<Record<string, readonly [times: number, divisor: number]>> = {
  s: [MONTH.seconds, 1],
  second: [MONTH.seconds, 1],
  min: [MONTH.hours * 60, 1],
  minute: [MONTH.hours * 60, 1],
  h: [MONTH.hours, 1],
  hour: [MONTH.hours, 1],
  day: [MONTH.hours, 24],
  month: [1, 1],
};

/** More than this many runs a second is a slip of the hand. */
const MOST_RUNS_PER_SECOND = 1_000_000;

const RATE = /^(\d+(?:\.\d+)?)([kM]?)\/([a-z]+)$/;

/**
 * Reads a rate, as runs a month.
 *
 * @throws InvalidArgumentError
 * @example
 * readRate('200/s').toFixed(); // '525600000'
 */
export const readRate = (text: string): Big => {
  const [, number = '', multiple = '', unit = ''] = RATE.exec(text) ?? [];
  const [times, divisor] = UNITS[unit] ?? [];
  if (number === '' || times === undefined || divisor === undefined)
    throw new InvalidArgumentError('Write a rate as 200/s, 90/min, 5k/h, 20000/day or 1M/month.');
  const runs = new Big(number)
    .times(MULTIPLES[multiple] ?? '1')
    .times(times)
    .div(divisor);
  if (runs.eq(0)) throw new InvalidArgumentError('Give a rate above 0: a platform that does nothing has no cost of a run.');
  if (runs.gt(MOST_RUNS_PER_SECOND * MONTH.seconds))
    throw new InvalidArgumentError('Give at most 1000000/s: the model knows nothing beyond.');
  return runs;
};

/** The peak: so many times the average, or a rate of its own, as runs a month. */
export type Peak = { readonly factor: Big } | { readonly runsPerMonth: Big };

/**
 * Reads the peak.
 *
 * @throws InvalidArgumentError
 */
export const readPeak = (text: string): Peak => {
  if (text.includes('/')) return { runsPerMonth: readRate(text) };
  const [, number] = /^(\d+(?:\.\d+)?)x?$/.exec(text) ?? [];
  if (number === undefined || new Big(number).lt(1))
    throw new InvalidArgumentError('Write the peak as a factor of 1 or more, as in 3, or as a rate, as in 600/s.');
  return { factor: new Big(number) };
};

/** Reads a number of 0 or more, with decimals. @throws InvalidArgumentError */
export const readAmount = (text: string): Big => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Give a number of 0 or more, as in 1.5.');
  return new Big(text);
};

/** Reads a time in milliseconds, of at most the 15 minutes of a function. @throws InvalidArgumentError */
export const readMs = (text: string): Big => {
  const ms = readAmount(text);
  if (ms.gt(900_000))
    throw new InvalidArgumentError('Give milliseconds, at most 900000: a function of Lambda runs for 15 minutes at most.');
  return ms;
};

/** Reads a share, as in `0.02` or `2%`. @throws InvalidArgumentError */
export const readShare = (text: string): Big => {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = number === '' ? new Big(-1) : new Big(number).times(percent === '%' ? '0.01' : '1');
  if (share.lt(0) || share.gt(1)) throw new InvalidArgumentError('Give a share from 0 to 1, as in 0.02, or from 0% to 100%.');
  return share;
};

const BYTES: Readonly<Record<string, number>> = { '': 1, kB: 1000, KiB: 1024, MB: 1_000_000, MiB: 1_048_576 };
const MOST_BYTES = 32 * 1_048_576;

/** Reads a size, as in `800`, `4kB` or `1.5MB`. @throws InvalidArgumentError */
export const readBytes = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(kB|KiB|MB|MiB)?$/.exec(text) ?? [];
  const bytes = number === '' ? undefined : Math.round(Number(number) * (BYTES[unit] ?? 1));
  if (bytes === undefined || bytes > MOST_BYTES)
    throw new InvalidArgumentError('Give bytes, as in 800, 4kB or 1.5MB; a value has 32 MiB at most.');
  return bytes;
};

/** Reads the memory of a function. @throws InvalidArgumentError */
export const readMemory = (text: string): number => {
  const memoryMb = Number(text);
  if (!Number.isInteger(memoryMb) || memoryMb < 128 || memoryMb > 10_240)
    throw new InvalidArgumentError('Give whole megabytes from 128 to 10240, as Lambda has them.');
  return memoryMb;
};

/** Reads the region. @throws InvalidArgumentError */
export const readRegion = (text: string): string => {
  if (text === PRICED_REGION) return text;
  throw new InvalidArgumentError(
    `Only prices of ${PRICED_REGION} are known; plan with those, and compare a few of them with the price pages of ${text}.`,
  );
};

/** Reads the name of a size. @throws InvalidArgumentError */
export const readSize = (text: string): SizeName => {
  const size = sizeNames.find((name) => name === text);
  if (size === undefined) throw new InvalidArgumentError(`Choose one of ${sizeNames.join(', ')}.`);
  return size;
};
