// Which deployments of which apps there are now, as the registry tells (rule 11).
import type { Manifest, ManifestJob } from '../../protocol/manifest.ts';
import { SCHEDULE_WORKFLOW } from '../../protocol/schedule-names.ts';
import type { DeploymentFacts } from '../../engine/accept/acceptance.ts';

/** Deployments by app. */
export class Deployments {
  readonly #byApp = new Map<string, Map<string, Manifest>>();

  /** Takes up a manifest; the same deployment is replaced. */
  add(manifest: Manifest): void {
    const known = this.#byApp.get(manifest.app) ?? new Map<string, Manifest>();
    this.#byApp.set(manifest.app, known.set(manifest.deployment, manifest));
  }

  /** A deployment of an app: the one named, or the newest. */
  find(app: string, deployment?: string): Manifest | undefined {
    const known = this.#byApp.get(app);
    if (deployment !== undefined) return known?.get(deployment);
    let newest: Manifest | undefined;
    for (const manifest of known?.values() ?? []) if (!newest || manifest.order > newest.order) newest = manifest;
    return newest;
  }

  /** As `find`, in the words of the engine. */
  findFacts(app: string, deployment?: string): DeploymentFacts | undefined {
    const manifest = this.find(app, deployment);
    if (!manifest) return undefined;
    return {
      deployment: manifest.deployment,
      hasWorkflow: (name) => name === SCHEDULE_WORKFLOW || manifest.workflows.some((workflow) => workflow.name === name),
    };
  }

  /** A job as a deployment offers it. */
  findJob(app: string, deployment: string, job: string): ManifestJob | undefined {
    return this.find(app, deployment)?.jobs.find(({ name }) => name === job);
  }

  /** Names of schedules that an older deployment of the app had and the newest has not. */
  findGoneSchedules(app: string): readonly string[] {
    const present = new Set(this.find(app)?.schedules.map(({ name }) => name));
    const known = [...(this.#byApp.get(app)?.values() ?? [])];
    const all = known.flatMap(({ schedules, goneSchedules = [] }) => [...schedules.map(({ name }) => name), ...goneSchedules]);
    return [...new Set(all)].filter((name) => !present.has(name));
  }
}
