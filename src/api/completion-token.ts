// Reads the token that completes a job from anywhere: it says which job of which run is meant (rule 12).
import { z } from 'zod';
import { StarquakeError } from '../protocol/errors.ts';

const tokenSchema = z.tuple([z.string().min(1), z.int().nonnegative(), z.int().positive(), z.int().positive()]);

/** What a token stands for. */
export interface Completion {
  readonly run: string;
  readonly epoch: number;
  readonly job: number;
  readonly generation: number;
}

/**
 * Reads a token.
 *
 * @throws REQUEST_INVALID if no attempt gave it
 */
export const readCompletionToken = (token: string): Completion => {
  try {
    const [run, epoch, job, generation] = tokenSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
    return { run, epoch, job, generation };
  } catch (error) {
    throw new StarquakeError('REQUEST_INVALID', 'The completion token cannot be read.', {
      hint: 'Pass on `attempt.completeLater().token` unchanged.',
      cause: error,
    });
  }
};
