// Asks a broker how it is, and waits until it is well.
import { setTimeout } from 'node:timers/promises';
import { StarquakeError } from '../../protocol/starquake-error.ts';

const ASK_TIMEOUT_MS = 5000;
const PAUSE_MS = 250;

/** The text that the web service answers; undefined where it does not answer, or refuses. */
const ask = (webUrl: string, path: string): Promise<string | undefined> =>
  fetch(`${webUrl}${path}`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) }).then(
    async (answer) => (answer.ok ? (await answer.text()).trim() : undefined),
    // Not there, or not yet: that is what is asked.
    () => undefined,
  );

/** Whether a broker takes messages and hands them out: it tries with one of its own. */
export const isHealthy = async (webUrl: string): Promise<boolean> => (await ask(webUrl, '/admin/v2/brokers/health')) === 'ok';

/** The version that a broker says it has. */
export const readBrokerVersion = (webUrl: string): Promise<string | undefined> => ask(webUrl, '/admin/v2/brokers/version');

/** What is waited for, and for how long. */
export interface HealthWait {
  readonly webUrl: string;
  readonly timeoutMs: number;
  /** Whether the broker still runs: nobody waits for one that has ended. */
  readonly isAlive: () => Promise<boolean>;
  /** The end of its log, for the error. */
  readonly readLog: () => Promise<string>;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until the broker is healthy.
 *
 * @throws PULSAR_FAILED, with the end of its log, when it ends or is not healthy in time
 */
export const waitUntilHealthy = async ({ webUrl, timeoutMs, isAlive, readLog, signal }: HealthWait): Promise<void> => {
  const fail = async (what: string): Promise<StarquakeError> =>
    new StarquakeError('PULSAR_FAILED', `${what} The end of its log:\n${await readLog()}`);
  const deadline = performance.now() + timeoutMs;
  while (!(await isHealthy(webUrl))) {
    if (signal?.aborted === true) throw await fail(`The broker at ${webUrl} was not waited for any longer.`);
    if (!(await isAlive())) throw await fail('The broker has ended.');
    if (performance.now() > deadline) throw await fail(`The broker at ${webUrl} was not healthy within ${timeoutMs / 1000} s.`);
    await setTimeout(PAUSE_MS);
  }
};
