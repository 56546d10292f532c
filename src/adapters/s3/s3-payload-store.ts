// Large values by their SHA-256 and archived runs by name, in S3 (rule 20).
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PAYLOAD_LIMIT_BYTES } from '../../protocol/limits.ts';
import type { PayloadLink } from '../../protocol/payload.ts';
import type { PutGrant } from '../../protocol/functions.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { CallOptions, Clock } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import { startDeadline } from '../aws-calls/start-deadline.ts';
import { ARCHIVE, GRANTED, PAYLOADS } from '../../platform/bucket.ts';
import { KnownValues } from './known-values.ts';
import type { ObjectClient } from './object-client.ts';

/** What a payload store is made of. */
export interface S3PayloadStoreOptions {
  readonly client: ObjectClient;
  readonly clock: Clock;
  /** How long links can be read, seconds; an hour by default: the longest function and what it may wait before. */
  readonly linkSeconds?: number;
  /** How long grants can be used, seconds; an hour by default: the connector uses one for five minutes, a function runs for fifteen. */
  readonly grantSeconds?: number;
}

const HOUR_SECONDS = 3600;
/** A value that this process has put within this time is young enough. */
const RELY_MS = 3600_000;
const REMEMBERED_LIMIT = 10_000;
/** A sealed value is in base64, and says whose it is. */
const OBJECT_LIMIT_BYTES = Math.ceil(PAYLOAD_LIMIT_BYTES / 3) * 4 + 1024;
/** S3 takes 1,024 bytes of a key. */
const NAME_LIMIT_BYTES = 900;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

const nameArchive = (name: string): string =>
  Buffer.byteLength(name) > NAME_LIMIT_BYTES ? `${ARCHIVE}${hash(Buffer.from(name)).toString('hex')}` : `${ARCHIVE}${name}`;

type Place = typeof PAYLOADS | typeof GRANTED;

/**
 * The payload store on S3.
 *
 * A put is one request, without asking first whether the value is there: asking costs a twelfth of a put and as much time, and
 * large values are rarely the same; a put again is what refreshes their age. Functions put below another prefix than the engine,
 * and whoever reads checks the hash: what a function puts under a wrong name is refused.
 */
export class S3PayloadStore implements PayloadStore {
  readonly #client: ObjectClient;
  readonly #linkSeconds: number;
  readonly #grantSeconds: number;
  /** Where values were seen lately, by sha256. */
  readonly #places: KnownValues<Place>;
  /** Puts that are under way: the same value put by many is put once. */
  readonly #putting = new Map<string, Promise<void>>();
  readonly #put: KnownValues<true>;

  constructor({ client, clock, linkSeconds = HOUR_SECONDS, grantSeconds = HOUR_SECONDS }: S3PayloadStoreOptions) {
    this.#client = client;
    this.#linkSeconds = linkSeconds;
    this.#grantSeconds = grantSeconds;
    this.#places = new KnownValues(clock, RELY_MS, REMEMBERED_LIMIT);
    this.#put = new KnownValues(clock, RELY_MS, REMEMBERED_LIMIT);
  }

  async put(text: string, options: CallOptions): Promise<PayloadLink> {
    const bytes = Buffer.from(text);
    const digest = hash(bytes);
    const link = { sha256: digest.toString('hex'), bytes: bytes.length };
    if (this.#put.get(link.sha256) === undefined) await this.#putOnce(link.sha256, bytes, digest, options);
    return link;
  }

  async get({ sha256, bytes }: PayloadLink, options: CallOptions): Promise<string> {
    const call = { ...startDeadline(options), operation: 'getPayload' };
    for (const place of this.#choosePlaces(sha256)) {
      const found = await this.#client.get(place + sha256, call);
      if (found === undefined) continue;
      // A value that a function put under a wrong name is as good as none.
      if (hash(found).toString('hex') !== sha256) continue;
      this.#places.set(sha256, place);
      return Buffer.from(found).toString();
    }
    throw new StarquakeError('PAYLOAD_MISSING', `The payload ${sha256} of ${bytes} bytes is not in the bucket ${this.#client.bucket}.`);
  }

  /** Asks S3 where the value is, unless it was seen lately. */
  async makeLink({ sha256 }: PayloadLink, options: CallOptions): Promise<string> {
    return this.#client.signLink((await this.#findPlace(sha256, options)) + sha256, this.#linkSeconds);
  }

  /** The holder may put any value below one prefix, up to the limit of a payload; `{sha256}` stands for the value's name. */
  async makeGrant(_options: CallOptions): Promise<PutGrant> {
    const rules = { prefix: GRANTED, mostBytes: OBJECT_LIMIT_BYTES, validSeconds: this.#grantSeconds };
    const { url, fields } = await this.#client.signForm(rules);
    return { url, fields: { ...fields, key: `${GRANTED}{sha256}`, 'x-amz-checksum-sha256': '{sha256:base64}' } };
  }

  async putArchive(name: string, text: string, options: CallOptions): Promise<void> {
    const bytes = await zip(text);
    await this.#client.put(nameArchive(name), bytes, hash(bytes).toString('base64'), { ...options, operation: 'putArchive' });
  }

  async getArchive(name: string, options: CallOptions): Promise<string> {
    const bytes = await this.#client.get(nameArchive(name), { ...options, operation: 'getArchive' });
    if (bytes !== undefined) return (await unzip(bytes)).toString();
    throw new StarquakeError('PAYLOAD_MISSING', `The archive ${name} is not in the bucket ${this.#client.bucket}.`);
  }

  async #putOnce(sha256: string, bytes: Buffer, digest: Buffer, options: CallOptions): Promise<void> {
    const call = { ...options, operation: 'putPayload' };
    const putting = this.#putting.get(sha256) ?? this.#client.put(PAYLOADS + sha256, bytes, digest.toString('base64'), call);
    this.#putting.set(sha256, putting);
    try {
      await putting;
    } finally {
      this.#putting.delete(sha256);
    }
    this.#put.set(sha256, true);
    this.#places.set(sha256, PAYLOADS);
  }

  #choosePlaces(sha256: string): readonly Place[] {
    return this.#places.get(sha256) === GRANTED ? [GRANTED, PAYLOADS] : [PAYLOADS, GRANTED];
  }

  async #findPlace(sha256: string, options: CallOptions): Promise<Place> {
    const known = this.#places.get(sha256);
    if (known !== undefined) return known;
    const isOurs = await this.#client.has(PAYLOADS + sha256, { ...options, operation: 'findPayload' });
    const place = isOurs ? PAYLOADS : GRANTED;
    this.#places.set(sha256, place);
    return place;
  }
}

/**
 * Makes a payload store.
 *
 * @example
 * const client = createObjectClient({ bucket: 'starquake-payloads', region: 'eu-west-1' });
 * const payloads = createS3PayloadStore({ client, clock: systemClock });
 */
export const createS3PayloadStore = (options: S3PayloadStoreOptions): S3PayloadStore => new S3PayloadStore(options);
