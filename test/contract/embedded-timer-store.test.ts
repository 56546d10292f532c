// The embedded timer store keeps the timer store contract, on disk and in memory.
import { describeTimerStore } from './describe-timer-store.ts';
import { openEmbedded } from './embedded-harness.ts';

describeTimerStore(
  'embedded, on disk',
  openEmbedded('disk', ({ timers }) => timers),
);
describeTimerStore(
  'embedded, in memory',
  openEmbedded('memory', ({ timers }) => timers),
);
