// Reads what an app offers by evaluating its workflow bundle once, apart from everything else.
import vm from 'node:vm';
import { isErrorCode } from '../protocol/errors.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { findNextOccurrence } from '../sdk/calendar-evaluation.ts';
import { buildDescriber } from './build-describer.ts';
import type { AppDescription } from './describe-app.ts';

const EVALUATION_LIMIT_MS = 2_000;

/**
 * Evaluates a workflow bundle, and asks it what the app offers.
 *
 * @throws CALENDAR_RULE_INVALID for the cron of a schedule; BUNDLE_FAILED if the app throws while it loads, or is none; APP_INVALID and others if its definitions say so
 */
export const readDescription = async (workflows: string, entry: string): Promise<AppDescription> => {
  const text = evaluate(workflows, entry, await buildDescriber());
  const description = JSON.parse(text) as AppDescription | null;
  if (description !== null) {
    // A cron that never occurs, or names no real time, is refused here and not at its first occurrence.
    for (const { cron, zone } of description.schedules) findNextOccurrence({ kind: 'cron', expression: cron, zone }, 0);
    return description;
  }
  throw new StarquakeError('BUNDLE_FAILED', `${entry} does not export an app as default.`, {
    hint: "Write `export default app({ name: 'booking', workflows: [bookTrip] })`.",
  });
};

const evaluate = (workflows: string, entry: string, describer: string): string => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } });
  try {
    new vm.Script(workflows, { filename: entry }).runInContext(context, { timeout: EVALUATION_LIMIT_MS });
    // The describer's own `starquakeBundle` stays inside of the function; the argument is the app's.
    const ask = `((app) => {${describer}\nreturn starquakeBundle.describe(app); })(starquakeBundle.app)`;
    return String(vm.runInContext(ask, context, { timeout: EVALUATION_LIMIT_MS }));
  } catch (error) {
    const { code, message = String(error), hint } = Object(error) as { code?: unknown; message?: string; hint?: string };
    const known = typeof code === 'string' && isErrorCode(code) ? code : 'BUNDLE_FAILED';
    throw new StarquakeError(known, known === 'BUNDLE_FAILED' ? `${entry} fails while it is loaded: ${message}` : message, {
      cause: error,
      ...(hint !== undefined && { hint }),
    });
  }
};
