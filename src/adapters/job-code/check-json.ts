// Checks that a job's output survives being written as JSON and is within the limit.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { PAYLOAD_LIMIT_BYTES } from '../../protocol/limits.ts';
import { writeJson } from '../../protocol/write-json.ts';

/** @throws OUTPUT_NOT_JSON naming what cannot be written and under which key; PAYLOAD_TOO_LARGE */
export const checkJson = (job: string, output: unknown): void => {
  const bytes = Buffer.byteLength(write(job, output));
  if (bytes > PAYLOAD_LIMIT_BYTES)
    throw new StarquakeError(
      'PAYLOAD_TOO_LARGE',
      `The output of the job "${job}" is ${bytes} bytes of JSON; the limit is ${PAYLOAD_LIMIT_BYTES}.`,
    );
};

const write = (job: string, output: unknown): string => {
  try {
    return writeJson(output) ?? '';
  } catch (cause) {
    throw new StarquakeError(
      'OUTPUT_NOT_JSON',
      `The output of the job "${job}" cannot be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
};
