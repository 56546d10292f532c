// Says which tests `npm run test:real` runs: those that need real parts, one file after another, so that they do not starve it.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['starquake-source', 'node', 'development|production'] } },
  test: {
    include: ['test/real/**/*.test.ts', 'test/contract/{pulsar,dynamodb,s3,ssm,kms}*.test.ts', 'test/contract/*-isolation.test.ts'],
    globalSetup: ['test/support/pulsar/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // A broker takes its time to end.
    teardownTimeout: 60_000,
  },
});
