// Starts one broker for all tests against a real Pulsar, or says why there is none: that fails in CI, and skips on a laptop.
import type { TestProject } from 'vitest/node';
import { startStandalone } from './start-standalone.ts';

/** The broker that the tests have, or why they have none. */
export type PulsarUnderTest = { readonly webUrl: string; readonly brokerUrl: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    pulsar: PulsarUnderTest;
  }
}

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${describe(error.cause)}`;
};

/** Called by vitest before the first test; what it answers is called after the last. */
export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  try {
    const pulsar = await startStandalone();
    project.provide('pulsar', { webUrl: pulsar.webUrl, brokerUrl: pulsar.brokerUrl });
    return () => pulsar.stop();
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    project.provide('pulsar', { missing: describe(error) });
    return undefined;
  }
};
