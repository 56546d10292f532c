// The token that completes a job from anywhere: it names a job of a run, whatever attempt asked for it (rule 12).
import { z } from 'zod';
import { StarquakeError } from './starquake-error.ts';

const tokenSchema = z.tuple([z.string().min(1), z.int().nonnegative(), z.int().positive(), z.int().positive()]);

/** What a token names. */
export interface CompletionTarget {
  readonly run: string;
  readonly epoch: number;
  /** Number of the JobScheduled event. */
  readonly job: number;
  readonly generation: number;
}

const toBase64Url = (text: string): string =>
  btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const fromBase64Url = (text: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.codePointAt(0) ?? 0),
  );

/** Writes a token: base64url of a JSON array. */
export const writeToken = ({ run, epoch, job, generation }: CompletionTarget): string =>
  toBase64Url(JSON.stringify([run, epoch, job, generation]));

/**
 * Reads a token.
 *
 * @throws REQUEST_INVALID
 */
export const readToken = (token: string): CompletionTarget => {
  try {
    const [run, epoch, job, generation] = tokenSchema.parse(JSON.parse(fromBase64Url(token)));
    return { run, epoch, job, generation };
  } catch (cause) {
    throw new StarquakeError('REQUEST_INVALID', 'This is no completion token.', {
      cause,
      hint: 'Use the token that attempt.completeLater() gave.',
    });
  }
};
