// Numbers the deployments of an app: equal code has an equal number, other code a higher one, on every machine that has the same files.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';

/** The newest deployment of each app; kept beside the code, and committed with it. */
const orderFileSchema = z.record(z.string(), z.strictObject({ order: z.int().positive(), content: z.string() }));
type OrderFile = z.infer<typeof orderFileSchema>;

/** What is to be numbered. */
export interface Numbered {
  readonly app: string;
  /** Names the code. */
  readonly content: string;
  /** Other code than the file's is an error, not a new number. */
  readonly frozen: boolean;
}

/**
 * Finds the number of an app's code. Code that the file does not have takes the next number, which is written into the file.
 *
 * @param file - path of the JSON file; made when it is not there
 * @returns from 1
 * @throws SETTINGS_INVALID when the file cannot be read; DEPLOYMENT_UNNUMBERED when it lacks the code and is frozen
 * @example
 * takeOrder('starquake.deployments.json', { app: 'booking', content: '7f3a9c01be42', frozen: false }); // 12
 */
export const takeOrder = (file: string, { app, content, frozen }: Numbered): number => {
  const known = readOrders(file);
  const newest = known[app];
  if (newest?.content === content) return newest.order;
  if (frozen)
    throw new StarquakeError(
      'DEPLOYMENT_UNNUMBERED',
      `${basename(file)} has ${newest === undefined ? 'no deployment' : `another code than this as deployment ${newest.order}`} of the app "${app}".`,
    );
  const order = (newest?.order ?? 0) + 1;
  writeOrders(file, { ...known, [app]: { order, content } });
  return order;
};

const readOrders = (file: string): OrderFile => {
  if (!existsSync(file)) return {};
  try {
    return orderFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new StarquakeError('SETTINGS_INVALID', `${file} does not say which deployments there are: ${String(cause)}`, {
      hint: 'Bring back the version that was committed last.',
      cause,
    });
  }
};

/** In the order of names, so that two branches change the same lines only for the same app. */
const writeOrders = (file: string, orders: OrderFile): void => {
  const sorted = Object.fromEntries(Object.entries(orders).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(sorted, undefined, 2)}\n`);
  renameSync(temporary, file);
};
