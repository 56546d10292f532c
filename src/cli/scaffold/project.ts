// What a new repository is made of.
import type { ToolVersions } from './read-tool-versions.ts';

/** What differs from one new repository to another. */
export interface Project {
  /** Of the app, in kebab-case. */
  readonly app: string;
  /** Name of the platform whose engine the app joins. */
  readonly engine: string;
  /** What npm installs as `starquake`: a version, or where a tarball is. */
  readonly starquake: string;
  /** Versions of the tools, as this release is tested with them. */
  readonly versions: ToolVersions;
}

/** Files by their paths. */
export type ProjectFiles = Readonly<Record<string, string>>;
