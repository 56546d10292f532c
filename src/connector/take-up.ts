// Takes up deployments as the registry tells of them: one that cannot be taken up yet is tried again and again, and keeps no other waiting.
import type { Manifest } from '../protocol/manifest.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import type { ConnectorContext } from './context/context.ts';
import { applySchedules } from './schedules.ts';

/** What only somebody else can mend. */
const LASTING: ReadonlySet<string> = new Set(['BUS_REFUSED', 'TOPIC_FIXED']);
/** A trouble that is still there after so many tries is not waited for either. */
const TRIES_WAITED_FOR = 5;

/** Takes up deployments. */
export class TakeUp {
  readonly #context: ConnectorContext;
  readonly #prepare: (manifest: Manifest) => Promise<void>;
  /** By app and deployment: an older manifest is not tried any longer once there is a newer one in its place. */
  readonly #newest = new Map<string, Manifest>();
  readonly #tried = new Set<Promise<void>>();

  /** @param prepare - makes all that runs of a deployment may ask for; may be called again after it has failed */
  constructor(context: ConnectorContext, prepare: (manifest: Manifest) => Promise<void>) {
    this.#context = context;
    this.#prepare = prepare;
  }

  /** Begins to take up a deployment. */
  begin(manifest: Manifest): void {
    const { calls, deployments, ports, settings } = this.#context;
    const { app, deployment } = manifest;
    const name = `${app} ${deployment}`;
    this.#newest.set(name, manifest);
    const isWanted = (): boolean => this.#newest.get(name) === manifest;
    const tried = Promise.withResolvers<void>();
    this.#tried.add(tried.promise);
    let tries = 0;
    const takeUp = async (): Promise<void> => {
      if (tries++ >= TRIES_WAITED_FOR) tried.resolve();
      try {
        await this.#prepare(manifest);
      } catch (error) {
        if (error instanceof StarquakeError && LASTING.has(error.code)) tried.resolve();
        throw error;
      }
      // Only now may runs ask for its jobs: their topics are there.
      if (isWanted()) deployments.add(manifest);
    };
    calls
      .untilDone(`taking up the deployment "${deployment}" of the app "${app}"`, settings.callTimeoutMs * 3, takeUp, isWanted)
      .then(() => applySchedules(this.#context, app))
      .catch((error: unknown) => ports.report(error, `defining the schedules of the app "${app}"`))
      .finally(() => {
        this.#tried.delete(tried.promise);
        tried.resolve();
      });
  }

  /** Resolves when each deployment that was begun is taken up, or has shown that it cannot be for now. */
  async waitUntilTried(): Promise<void> {
    await Promise.all(this.#tried);
  }
}
