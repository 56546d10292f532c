// What the process that bundles is asked, and what it answers.
import { z } from 'zod';
import { isErrorCode, type ErrorCode } from '../protocol/errors.ts';
import { manifestSchema } from '../protocol/manifest.ts';

/** What to bundle, and how. */
export const bundleTaskSchema = z.object({
  entry: z.string(),
  options: z.object({ outDir: z.string(), minify: z.boolean(), jobs: z.literal('each') }),
});
/** What to bundle, and how. */
export type BundleTask = z.infer<typeof bundleTaskSchema>;

const functionSchema = z.object({
  name: z.string(),
  kind: z.enum(['decision', 'job-retry', 'job', 'timer']),
  file: z.string(),
  memoryMb: z.int(),
});

/** The bundle, or why there is none. */
export const bundleAnswerSchema = z.union([
  z.object({ bundle: z.object({ manifest: manifestSchema, functions: z.array(functionSchema).readonly() }) }),
  z.object({ error: z.object({ code: z.custom<ErrorCode>((code) => isErrorCode(String(code))), message: z.string(), hint: z.string() }) }),
]);
/** The bundle, or why there is none. */
export type BundleAnswer = z.infer<typeof bundleAnswerSchema>;
