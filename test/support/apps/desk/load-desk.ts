// Loads the desk, and the desk as it is later.
import { loadTestApp, type TestApp } from '../../stage/test-app.ts';
import { desk } from './app.ts';
import { nextDesk } from './next-app.ts';

export const loadDesk = (): Promise<TestApp> => loadTestApp(desk, new URL('./app.ts', import.meta.url));

export const loadNextDesk = (): Promise<TestApp> => loadTestApp(nextDesk, new URL('./next-app.ts', import.meta.url));
