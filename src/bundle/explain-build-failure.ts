// Turns what esbuild says of a failed build into the one error class, with the place in the author's source.
import type { Message } from 'esbuild';
import { StarquakeError } from '../protocol/starquake-error.ts';

/** Whether something thrown is esbuild's own failure. */
const isBuildFailure = (thrown: unknown): thrown is Error & { errors: Message[] } =>
  thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors);

const describe = ({ text, location }: Message): string =>
  location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;

/** @returns BUNDLE_FAILED naming the first place in the source, or what was thrown if it is an error of ours already */
export const explainBuildFailure = (thrown: unknown, entry: string): StarquakeError => {
  if (thrown instanceof StarquakeError) return thrown;
  if (!isBuildFailure(thrown))
    return new StarquakeError(
      'BUNDLE_FAILED',
      `${entry} could not be bundled: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      { cause: thrown },
    );
  const [first, ...others] = thrown.errors.map(describe);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new StarquakeError('BUNDLE_FAILED', `${entry} could not be bundled: ${first ?? thrown.message}${more}`, { cause: thrown });
};
