// Puts a large value where the request grants it, so that an answer carries its name only (rule 20).
import { createHash, randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { PutGrant } from '../../protocol/functions.ts';
import { INLINE_LIMIT_BYTES } from '../../protocol/limits.ts';
import type { Payload } from '../../protocol/payload.ts';
import { sealValue } from '../sealed/sealed-values.ts';

const PUT_TIMEOUT_MS = 30_000;
const POSTS = 3;
const LONGEST_PAUSE_MS = 1000;

/**
 * The payload as it may travel: a link if its JSON is over the inline limit and there is a grant, else as it is.
 *
 * @throws STORE_FAILED if the granted place refuses it
 */
export const putPayload = async (payload: Payload, grant: PutGrant | undefined): Promise<Payload> => {
  if (grant === undefined || grant.url.startsWith('memory:') || 'link' in payload || payload.json === undefined) return payload;
  const text = JSON.stringify(payload.json);
  // Three bytes are the most that one unit of a text takes.
  if (text.length * 3 <= INLINE_LIMIT_BYTES) return payload;
  if (Buffer.byteLength(text) <= INLINE_LIMIT_BYTES) return payload;
  const bytes = Buffer.from(sealValue(text, grant));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await (grant.url.startsWith('file:') ? putFile(fileURLToPath(grant.url), sha256, bytes) : post(grant, sha256, bytes));
  return { link: { sha256, bytes: bytes.length } };
};

/** The file is whole under its name, or not there: it is synced before it is renamed, and its folder after. */
const putFile = async (folder: string, sha256: string, bytes: Uint8Array): Promise<void> => {
  const file = join(folder, sha256);
  const temporary = `${file}.${randomUUID()}.tmp`;
  await sync(temporary, 'wx', (handle) => handle.writeFile(bytes));
  await rename(temporary, file);
  await sync(folder, 'r');
};

type Handle = Awaited<ReturnType<typeof open>>;

const sync = async (path: string, flags: 'r' | 'wx', before: (handle: Handle) => Promise<void> = async () => undefined): Promise<void> => {
  const handle = await open(path, flags);
  try {
    await before(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** A form with the granted fields, in which `{sha256}` and `{sha256:base64}` stand for the name of the value. */
const fillForm = (fields: PutGrant['fields'], sha256: string, bytes: Uint8Array<ArrayBuffer>): FormData => {
  const base64 = Buffer.from(sha256, 'hex').toString('base64');
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    form.append(name, value.replaceAll('{sha256}', sha256).replaceAll('{sha256:base64}', base64));
  form.append('file', new Blob([bytes]), sha256);
  return form;
};

/** Posts the form; again if the place did not answer or was overloaded, since an answer without its value would be an attempt for nothing. */
const post = async ({ url, fields }: PutGrant, sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
  for (let number = 1; ; number++) {
    const outcome = await postOnce(url, fillForm(fields, sha256, bytes));
    if (outcome === 'put') return;
    if (outcome.isFinal || number === POSTS) {
      const text = `The payload store refused a value of ${bytes.length} bytes: ${outcome.message}.`;
      throw new StarquakeError('STORE_FAILED', text, { cause: outcome.cause });
    }
    await setTimeout(Math.random() * LONGEST_PAUSE_MS);
  }
};

interface Refusal {
  readonly isFinal: boolean;
  readonly message: string;
  readonly cause?: unknown;
}

const postOnce = async (url: string, body: FormData): Promise<'put' | Refusal> => {
  try {
    const { ok, status } = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(PUT_TIMEOUT_MS) });
    return ok ? 'put' : { isFinal: status < 500 && status !== 429, message: `it answered ${status}` };
  } catch (cause) {
    return { isFinal: false, message: cause instanceof Error ? cause.message : String(cause), cause };
  }
};
