// Manifests as files, <app>/<deployment>.json: others may put theirs there as well, so the folder is looked at every second while somebody watches.
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { manifestSchema, type Manifest } from '../../../protocol/manifest.ts';
import type { CallOptions, CancelTimer, Clock } from '../../../ports/clock.ts';
import type { Registry } from '../../../ports/registry.ts';
import { readWholeFile, writeWholeFile, type FileLayer } from '../files/file-layer.ts';

/** What the registry stands on. */
export interface EmbeddedRegistryOptions {
  readonly layer: FileLayer;
  /** Absolute path. */
  readonly folder: string;
  readonly clock: Clock;
  readonly report: (error: unknown, doing: string) => void;
}

interface SeenFile {
  readonly text: string;
  /** Absent when the text is no manifest. */
  readonly manifest: Manifest | undefined;
}

const LOOK_EVERY_MS = 1000;
const SUFFIX = '.json';

/** The embedded registry. */
export class EmbeddedRegistry implements Registry {
  readonly #options: EmbeddedRegistryOptions;
  readonly #watchers = new Set<(manifest: Manifest) => void>();
  /** Files by path, as they were last seen. */
  #seen = new Map<string, SeenFile>();
  #cancelLook: CancelTimer | undefined;
  /** Looks and puts follow one another, so that each knows what the one before has seen. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EmbeddedRegistryOptions) {
    this.#options = options;
  }

  async list(_options: CallOptions): Promise<readonly Manifest[]> {
    await this.#queue(() => this.#look(false));
    return [...this.#seen.values()].map(({ manifest }) => manifest).filter((manifest) => manifest !== undefined);
  }

  put(manifest: Manifest, _options: CallOptions): Promise<void> {
    return this.#queue(async () => {
      const { layer, folder } = this.#options;
      const path = join(folder, manifest.app, `${encodeURIComponent(manifest.deployment)}${SUFFIX}`);
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      await layer.makeFolder(dirname(path));
      await writeWholeFile(layer, path, Buffer.from(text), `${path}.${randomUUID()}`);
      this.#seen.set(path, { text, manifest });
      for (const watcher of this.#watchers) watcher(manifest);
    });
  }

  watch(onManifest: (manifest: Manifest) => void): () => void {
    // A watcher of its own for each call, so that the same function may watch twice.
    const watcher = (manifest: Manifest): void => onManifest(manifest);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#watchFolder(false);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.close();
    };
  }

  /** Stops looking. */
  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#watchers.clear();
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done;
    return done;
  }

  /** Looks now, telling the watchers if `tell`, and again and again. */
  #watchFolder(tell: boolean): void {
    const { clock, report } = this.#options;
    this.#queue(() => this.#look(tell)).catch((error: unknown) => report(error, 'looking for manifests'));
    this.#cancelLook = clock.setTimer(clock.now() + LOOK_EVERY_MS, () => this.#watchFolder(true));
  }

  async #look(tell: boolean): Promise<void> {
    const before = this.#seen;
    this.#seen = await this.#read();
    if (!tell) return;
    for (const [path, { manifest, text }] of this.#seen) {
      if (manifest !== undefined && before.get(path)?.text !== text) for (const watcher of this.#watchers) watcher(manifest);
    }
  }

  async #read(): Promise<Map<string, SeenFile>> {
    const { layer, folder } = this.#options;
    const found = new Map<string, SeenFile>();
    for (const app of await layer.list(folder)) {
      for (const name of await layer.list(join(folder, app))) {
        if (!name.endsWith(SUFFIX)) continue;
        const path = join(folder, app, name);
        const text = (await readWholeFile(layer, path))?.toString() ?? '';
        const seen = this.#seen.get(path);
        found.set(path, seen?.text === text ? seen : { text, manifest: this.#parse(path, text) });
      }
    }
    return found;
  }

  #parse(path: string, text: string): Manifest | undefined {
    try {
      return manifestSchema.parse(JSON.parse(text));
    } catch (error) {
      this.#options.report(error, `reading the manifest ${path}`);
      return undefined;
    }
  }
}
