// The embedded bus keeps the bus contract, on disk and in memory.
import { describeBus } from './describe-bus.ts';
import { openEmbedded } from './embedded-harness.ts';

describeBus(
  'embedded, on disk',
  openEmbedded('disk', ({ bus }) => bus),
);
describeBus(
  'embedded, in memory',
  openEmbedded('memory', ({ bus }) => bus),
);
