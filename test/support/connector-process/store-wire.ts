// What a connector process and the store process say to each other: one line of JSON per call, one per answer.
import { z } from 'zod';

export const storeCallSchema = z.object({
  id: z.int(),
  port: z.enum(['runs', 'timers', 'payloads', 'registry']),
  method: z.string(),
  parameters: z.array(z.unknown()),
});
/** A call of a port's method. */
export type StoreCall = z.infer<typeof storeCallSchema>;

export const storeAnswerSchema = z.object({
  id: z.int(),
  /** Left out where the method answers nothing, and where it failed. */
  value: z.unknown().exactOptional(),
  failure: z.object({ code: z.string(), message: z.string() }).exactOptional(),
});
/** What it answered, or how it failed. */
export type StoreAnswer = z.infer<typeof storeAnswerSchema>;
