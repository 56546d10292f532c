// What a connector process is told when it starts.
import { z } from 'zod';

export const connectorProcessSchema = z.object({
  /** Of the store process. */
  socket: z.string(),
  transport: z.enum(['native', 'websocket']),
  access: z.object({
    webUrl: z.string(),
    brokerUrl: z.string(),
    tenant: z.string(),
    namespace: z.string(),
    /** Where tokens and TLS are wanted. */
    tokenFile: z.string().exactOptional(),
    tls: z.object({ caFile: z.string() }).exactOptional(),
  }),
  functions: z.array(
    z.object({ name: z.string(), kind: z.enum(['decision', 'job-retry', 'job', 'timer']), file: z.string(), memoryMb: z.number() }),
  ),
  settings: z.object({ inboxPartitions: z.int(), timerHorizonMs: z.int(), moverIntervalMs: z.int() }),
});
/** What a connector process is told when it starts. */
export type ConnectorProcessSettings = z.infer<typeof connectorProcessSchema>;
