// Tells what a function of a manifest is called on Lambda.
import { createHash } from 'node:crypto';

/** How functions are called on Lambda. */
export interface FunctionNaming {
  /** Goes before the names of the engine's and of apps' functions, so that several engines can live in one account. */
  readonly prefix: string;
  /** Names of a manifest that are called otherwise on Lambda: a name, `name:alias` or an ARN each. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Lambda's limits, for the name and for the alias. */
const LONGEST_NAME = 64;
const LONGEST_ALIAS = 128;
const HASH_LENGTH = 12;

/**
 * Finds the name on Lambda.
 *
 * A function of an app, `booking.decision@d1`, is the alias `d-d1` of `<prefix>booking_decision`: the deployments of an app are
 * aliases of the same functions. The engine's own, `starquake.timer`, has no alias. A name without a dot, `name:alias` and an ARN
 * are somebody's own function and stay as they are.
 *
 * @example
 * findFunctionName('booking.job.book-flight@7f3a', { prefix: 'starquake-' }); // 'starquake-booking_job_book-flight:d-7f3a'
 */
export const findFunctionName = (name: string, { prefix, names = {} }: FunctionNaming): string => {
  const given = Object.hasOwn(names, name) ? names[name] : undefined;
  if (given !== undefined) return given;
  const at = name.indexOf('@');
  const part = at < 0 ? name : name.slice(0, at);
  if (part.includes(':') || (at < 0 && !part.includes('.'))) return name;
  const base = shorten(`${prefix}${part.replaceAll('.', '_')}`, LONGEST_NAME);
  // An alias of digits only would be a version.
  return at < 0 ? base : `${base}:${shorten(`d-${escape(name.slice(at + 1))}`, LONGEST_ALIAS)}`;
};

/** What an alias may not hold is written as the hexadecimal of its bytes, so that no two deployments meet. */
const escape = (text: string): string => text.replaceAll(/[^A-Za-z0-9-]/gu, (char) => `_${Buffer.from(char).toString('hex')}_`);

const shorten = (text: string, longest: number): string =>
  text.length <= longest
    ? text
    : `${text.slice(0, longest - HASH_LENGTH - 1)}-${createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)}`;
