// The embedded payload store keeps the payload store contract, on disk and in memory.
import { describePayloadStore } from './describe-payload-store.ts';
import { openEmbedded } from './embedded-harness.ts';

describePayloadStore(
  'embedded, on disk',
  openEmbedded('disk', ({ payloads }) => payloads),
);
describePayloadStore(
  'embedded, in memory',
  openEmbedded('memory', ({ payloads }) => payloads),
);
