// Loads the app that replay is tested on.
import { loadTestApp, type TestApp } from '../../stage/test-app.ts';
import { replayed } from './app.ts';

export const loadReplayed = (): Promise<TestApp> => loadTestApp(replayed, new URL('./app.ts', import.meta.url));
