// The test kit's entry, `import { openTestEngine } from 'starquake/testing'`.
export { openTestEngine, type TestEngine, type TestRun, type TestStartOptions } from './test-engine.ts';
export type { ComposeOptions, FakeJob } from './compose.ts';
export { makeVirtualClock, type VirtualClock } from './virtual-clock.ts';
export { replayHistory, type ReplayOptions } from './replay-history.ts';
