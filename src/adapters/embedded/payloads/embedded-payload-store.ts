// Large values and archives as files under their names, written whole or not at all.
import { createHash, randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StarquakeError } from '../../../protocol/starquake-error.ts';
import type { PutGrant } from '../../../protocol/functions.ts';
import type { PayloadLink } from '../../../protocol/payload.ts';
import type { CallOptions } from '../../../ports/clock.ts';
import type { PayloadStore } from '../../../ports/payload-store.ts';
import { readWholeFile, writeWholeFile, type FileLayer } from '../files/file-layer.ts';

/** A file name for any text, the same each time. */
const nameArchive = (name: string): string => `${createHash('sha256').update(name).digest('hex')}.json`;

/** Where entry points put values by themselves, below the folder of values. */
const GRANTED = 'granted';

/** The embedded payload store, on disk. */
export class EmbeddedPayloadStore implements PayloadStore {
  readonly #layer: FileLayer;
  readonly #folder: string;
  readonly #archives: string;
  /** Writes of a path that are under way: the same value put by many is written once. */
  readonly #writing = new Map<string, Promise<void>>();

  /**
   * @param layer - the files
   * @param folder - absolute path of the folder of values
   * @param archives - absolute path of the folder of archives
   */
  constructor(layer: FileLayer, folder: string, archives: string) {
    this.#layer = layer;
    this.#folder = folder;
    this.#archives = archives;
  }

  /** Makes the folders that others put into. */
  async open(): Promise<void> {
    await this.#layer.makeFolder(join(this.#folder, GRANTED));
    await this.#layer.makeFolder(this.#archives);
  }

  async put(text: string, _options: CallOptions): Promise<PayloadLink> {
    const bytes = Buffer.from(text);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = this.#locate(sha256);
    const writing = this.#writing.get(path) ?? this.#putFile(path, bytes);
    this.#writing.set(path, writing);
    try {
      await writing;
    } finally {
      this.#writing.delete(path);
    }
    return { sha256, bytes: bytes.length };
  }

  async get(link: PayloadLink, _options: CallOptions): Promise<string> {
    for (const path of [this.#locate(link.sha256), this.#locateGranted(link.sha256)]) {
      const bytes = await readWholeFile(this.#layer, path);
      if (bytes !== undefined) return bytes.toString();
    }
    throw new StarquakeError('PAYLOAD_MISSING', `The payload ${link.sha256} of ${link.bytes} bytes is not in ${this.#folder}.`);
  }

  async makeLink(link: PayloadLink, _options: CallOptions): Promise<string> {
    const granted = this.#locateGranted(link.sha256);
    return pathToFileURL((await this.#layer.refresh(granted)) ? granted : this.#locate(link.sha256)).href;
  }

  async makeGrant(_options: CallOptions): Promise<PutGrant> {
    return { url: pathToFileURL(`${join(this.#folder, GRANTED)}/`).href, fields: {} };
  }

  async putArchive(name: string, text: string, _options: CallOptions): Promise<void> {
    const path = this.#locateArchive(name);
    await writeWholeFile(this.#layer, path, Buffer.from(text), `${path}.${randomUUID()}`);
  }

  async getArchive(name: string, _options: CallOptions): Promise<string> {
    const bytes = await readWholeFile(this.#layer, this.#locateArchive(name));
    if (bytes === undefined) throw new StarquakeError('PAYLOAD_MISSING', `The archive ${name} is not in ${this.#archives}.`);
    return bytes.toString();
  }

  async #putFile(path: string, bytes: Buffer): Promise<void> {
    // A value that is there may be a killed process's, whose name never got synced.
    if (await this.#layer.refresh(path)) return this.#layer.syncFolder(dirname(path));
    await this.#layer.makeFolder(dirname(path));
    await writeWholeFile(this.#layer, path, bytes, `${path}.${randomUUID()}`);
  }

  #locate(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }

  #locateGranted(sha256: string): string {
    return join(this.#folder, GRANTED, sha256);
  }

  #locateArchive(name: string): string {
    return join(this.#archives, nameArchive(name));
  }
}
