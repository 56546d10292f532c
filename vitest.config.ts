// Says which tests `npm test` runs, and that the package's own name means its source there.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vitest hands these on to the workers that run the tests, and to the threads that tests start.
  ssr: { resolve: { conditions: ['starquake-source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{real,infra,browser}/**'],
  },
});
