// The embedded registry keeps the registry contract, on disk and in memory.
import { describeRegistry } from './describe-registry.ts';
import { openEmbedded } from './embedded-harness.ts';

describeRegistry(
  'embedded, on disk',
  openEmbedded('disk', ({ registry }) => registry),
);
describeRegistry(
  'embedded, in memory',
  openEmbedded('memory', ({ registry }) => registry),
);
