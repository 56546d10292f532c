// Says which tests `npm test` runs, and that the package's own name means its source there.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vitest hands these on to the workers that run the tests, and to the threads that tests start.
  ssr: { resolve: { conditions: ['starquake-source', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // What needs a broker, Java or Python, or starts many processes, is for `npm run test:real`.
    exclude: ['test/{real,browser}/**', 'test/contract/{dynamodb,s3,ssm,kms}*.test.ts', 'test/contract/*-isolation.test.ts'],
  },
});
