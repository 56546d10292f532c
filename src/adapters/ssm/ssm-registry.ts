// Manifests as parameters of AWS Systems Manager: whoever deploys puts one there, and every connector looks for new ones now and then.
import { DeleteParametersCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CallOptions, CancelTimer, Clock } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { callAws } from '../aws-calls/call-aws.ts';
import { makeClientSettings, type AwsPlace } from '../aws-calls/client-settings.ts';
import { startDeadline } from '../aws-calls/start-deadline.ts';
import { packManifest, unpackManifest } from '../../platform/manifest-text.ts';
import { isHead, isPartOf, nameHead, namePart } from '../../platform/parameter-names.ts';

/** How to open the registry. */
export interface SsmRegistryOptions {
  readonly clock: Clock;
  /** Where the parameters lie, such as `/starquake/production/manifests`. */
  readonly folder: string;
  /** Where Systems Manager is and who asks; by default what the AWS SDK finds in the environment and on the machine. */
  readonly client?: AwsPlace;
  /** Watchers are told of what others put within this, in milliseconds. Default 10,000. */
  readonly lookEveryMs?: number;
  /** From 0 to 1; spreads the looks of many connectors. Default `Math.random`. */
  readonly random?: () => number;
  /** Told of parameters that hold no manifest, and of looks that failed. */
  readonly report: (error: unknown, doing: string) => void;
}

/** A registry over Systems Manager. */
export interface SsmRegistry extends Registry {
  /** Stops looking, and ends all connections. */
  close(): void;
}

interface Seen {
  /** What the parameter held. */
  readonly head: string;
  /** Absent when that is no manifest; the one before it while parts of it are missing. */
  readonly manifest: Manifest | undefined;
  /** Nothing more is to be read of it. */
  readonly whole: boolean;
}

const LOOK_TIMEOUT_MS = 30_000;
/** Looks are this much earlier at most, as a share of the time between them. */
const JITTER = 0.2;
/** What `DeleteParameters` takes at once. */
const DELETED_AT_ONCE = 10;

/**
 * Opens the registry.
 *
 * A manifest is one parameter of the standard tier, compressed: `<folder>/<app>/<deployment>/manifest`. One that does not fit into 4 KB is
 * cut into parts beside it, under names that hold the hash of the text; the parameter that names them is written last, so nobody sees
 * half of a manifest. A parameter that is deleted is forgotten, and nobody is told: a run stays on the deployment that it started on.
 *
 * @example
 * const registry = openSsmRegistry({ clock: systemClock, folder: '/starquake/production/manifests', report });
 * await registry.put(manifest, { timeoutMs: 10_000 });
 */
export const openSsmRegistry = (options: SsmRegistryOptions): SsmRegistry => new ParameterRegistry(options);

class ParameterRegistry implements SsmRegistry {
  readonly #options: SsmRegistryOptions;
  readonly #client: SSMClient;
  readonly #watchers = new Set<(manifest: Manifest) => void>();
  /** By the parameter that names the manifest, as it was last seen. */
  #seen = new Map<string, Seen>();
  #cancelLook: CancelTimer | undefined;
  /** Looks and puts follow one another, so that each knows what the one before has seen. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SsmRegistryOptions) {
    this.#options = options;
    this.#client = new SSMClient(makeClientSettings(options.client ?? {}));
  }

  async list({ timeoutMs }: CallOptions): Promise<readonly Manifest[]> {
    await this.#queue(() => this.#look(timeoutMs, false));
    return [...this.#seen.values()].map(({ manifest }) => manifest).filter((manifest) => manifest !== undefined);
  }

  put(manifest: Manifest, { timeoutMs }: CallOptions): Promise<void> {
    const { folder } = this.#options;
    const head = nameHead(folder, manifest.app, manifest.deployment);
    return this.#queue(async () => {
      const packed = packManifest(manifest);
      const ask = startAsking('ssm.put', timeoutMs);
      for (const [at, part] of packed.parts.entries()) await this.#write(ask, namePart(head, packed.sha256, at), part);
      await this.#write(ask, head, packed.head);
      await this.#deleteOldParts(ask, head, packed.sha256);
      this.#seen.set(head, { head: packed.head, manifest, whole: true });
      for (const watcher of this.#watchers) watcher(manifest);
    });
  }

  watch(onManifest: (manifest: Manifest) => void): () => void {
    // A watcher of its own for each call, so that the same function may watch twice.
    const watcher = (manifest: Manifest): void => onManifest(manifest);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#keepLooking(false);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stopLooking();
    };
  }

  close(): void {
    this.#watchers.clear();
    this.#stopLooking();
    this.#client.destroy();
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done;
    return done;
  }

  /** Looks now, telling the watchers if `tell`, and again and again. */
  #keepLooking(tell: boolean): void {
    const { clock, report, lookEveryMs = 10_000, random = Math.random } = this.#options;
    this.#queue(() => this.#look(LOOK_TIMEOUT_MS, tell)).catch((error: unknown) => report(error, 'looking for manifests'));
    this.#cancelLook = clock.setTimer(clock.now() + lookEveryMs * (1 - JITTER * random()), () => this.#keepLooking(true));
  }

  #stopLooking(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  async #look(timeoutMs: number, tell: boolean): Promise<void> {
    const { folder } = this.#options;
    const before = this.#seen;
    const values = await this.#readAll(startAsking('ssm.list', timeoutMs), folder);
    const heads = [...values].filter(([name]) => isHead(folder, name));
    this.#seen = new Map(heads.map(([name, head]) => [name, this.#read(name, head, values, before.get(name))]));
    if (!tell) return;
    for (const [name, { manifest }] of this.#seen) {
      if (manifest !== undefined && before.get(name)?.manifest !== manifest) for (const watcher of this.#watchers) watcher(manifest);
    }
  }

  #read(name: string, head: string, values: ReadonlyMap<string, string>, known: Seen | undefined): Seen {
    if (known?.head === head && known.whole) return known;
    try {
      const manifest = unpackManifest(head, (sha256, at) => values.get(namePart(name, sha256, at)));
      if (manifest !== undefined) return { head, manifest, whole: true };
      // Pages are read one after another: parts may be written, or deleted, meanwhile.
      if (known?.head === head) this.#options.report(new Error('Parts of it are missing.'), `reading the manifest ${name}`);
      return { head, manifest: known?.manifest, whole: false };
    } catch (error) {
      this.#options.report(error, `reading the manifest ${name}`);
      return { head, manifest: undefined, whole: true };
    }
  }

  /** All parameters below a path, ten at a time, which is what one call gives. */
  async #readAll(ask: Ask, path: string): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    let token: string | undefined;
    do {
      const command = new GetParametersByPathCommand({ Path: path, Recursive: true, ...(token !== undefined && { NextToken: token }) });
      const { Parameters = [], NextToken } = await ask((abortSignal) => this.#client.send(command, { abortSignal }));
      for (const { Name = '', Value = '' } of Parameters) values.set(Name, Value);
      token = NextToken;
    } while (token !== undefined && token !== '');
    return values;
  }

  async #write(ask: Ask, name: string, value: string): Promise<void> {
    const command = new PutParameterCommand({ Name: name, Value: value, Type: 'String', Tier: 'Standard', Overwrite: true });
    await ask((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  /** What the manifest before this one has left. */
  async #deleteOldParts(ask: Ask, head: string, sha256: string): Promise<void> {
    const present = [...(await this.#readAll(ask, head)).keys()].filter((name) => isPartOf(head, name));
    const kept = namePart(head, sha256, 0).slice(0, -1);
    const old = present.filter((name) => !name.startsWith(kept));
    for (let at = 0; at < old.length; at += DELETED_AT_ONCE) {
      const command = new DeleteParametersCommand({ Names: old.slice(at, at + DELETED_AT_ONCE) });
      await ask((abortSignal) => this.#client.send(command, { abortSignal }));
    }
  }
}

/** Sends one request of several that have one deadline. */
type Ask = <T>(send: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

const startAsking = (operation: string, timeoutMs: number): Ask => {
  const deadline = startDeadline({ timeoutMs });
  return (send) => callAws({ operation, timeoutMs: deadline.timeoutMs }, ({ signal }) => send(signal));
};
