// What a sealed text looks like among texts that are not: its tenant in clear, so that whoever reads it knows which key to ask for.
import { SEALED_MARK, isSealed } from '../../protocol/sealed.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { open, seal } from './cipher.ts';

/** A sealed text. */
export interface Envelope {
  readonly tenant: string;
  readonly data: string;
}

/** Seals a text for a tenant, as JSON. @param place - what it belongs to */
export const writeEnvelope = (text: string, tenant: string, key: Uint8Array, place: string): string =>
  `${SEALED_MARK}"tenant":${JSON.stringify(tenant)},"data":"${seal(text, key, `${tenant}\0${place}`)}"}`;

/**
 * The envelope that a text is; undefined for any other text.
 *
 * Functions do this too, whose bundles have no schema library.
 *
 * @throws VALUE_UNREADABLE for a text that only begins like one
 */
export const readEnvelope = (text: string): Envelope | undefined => {
  if (!isSealed(text)) return undefined;
  const value: unknown = parse(text);
  const tenant: unknown = Reflect.get(Object(value), 'tenant');
  const data: unknown = Reflect.get(Object(value), 'data');
  if (typeof tenant === 'string' && typeof data === 'string') return { tenant, data };
  throw new StarquakeError('VALUE_UNREADABLE', 'A text begins like a sealed one, but is none.');
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StarquakeError('VALUE_UNREADABLE', 'A text begins like a sealed one, but is cut off.', { cause });
  }
};

/** The text of an envelope. @throws VALUE_UNREADABLE */
export const openEnvelope = ({ tenant, data }: Envelope, key: Uint8Array, place: string): string => open(data, key, `${tenant}\0${place}`);
