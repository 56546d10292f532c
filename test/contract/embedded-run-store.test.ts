// The embedded run store keeps the run store contract, on disk and in memory.
import { describeRunStore } from './describe-run-store.ts';
import { openEmbedded } from './embedded-harness.ts';

describeRunStore(
  'embedded, on disk',
  openEmbedded('disk', ({ runs }) => runs),
);
describeRunStore(
  'embedded, in memory',
  openEmbedded('memory', ({ runs }) => runs),
);
