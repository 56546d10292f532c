// The port to manifests: which deployments of which apps there are.
import type { Manifest } from '../protocol/manifest.ts';
import type { CallOptions } from './clock.ts';

/** Manifests of all deployments. */
export interface Registry {
  list(options: CallOptions): Promise<readonly Manifest[]>;
  /** Adds or replaces a deployment's manifest. */
  put(manifest: Manifest, options: CallOptions): Promise<void>;
  /** Calls back with every manifest that is added or replaced from now on; returns how to stop. */
  watch(onManifest: (manifest: Manifest) => void): () => void;
}
