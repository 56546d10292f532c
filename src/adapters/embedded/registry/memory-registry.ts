// Manifests in memory, for the memory mode.
import type { Manifest } from '../../../protocol/manifest.ts';
import type { CallOptions } from '../../../ports/clock.ts';
import type { Registry } from '../../../ports/registry.ts';

/** A registry that ends with the process. */
export class MemoryRegistry implements Registry {
  readonly #manifests = new Map<string, Manifest>();
  readonly #watchers = new Set<(manifest: Manifest) => void>();

  async list(_options: CallOptions): Promise<readonly Manifest[]> {
    return [...this.#manifests.values()];
  }

  async put(manifest: Manifest, _options: CallOptions): Promise<void> {
    this.#manifests.set(JSON.stringify([manifest.app, manifest.deployment]), manifest);
    for (const watcher of this.#watchers) watcher(manifest);
  }

  watch(onManifest: (manifest: Manifest) => void): () => void {
    const watcher = (manifest: Manifest): void => onManifest(manifest);
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}
