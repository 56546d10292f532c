// Finds the versions of tools that a new repository begins with: those that this very release was tested with.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({
  devDependencies: z.object({
    '@types/node': z.string(),
    'aws-cdk': z.string(),
    'aws-cdk-lib': z.string(),
    constructs: z.string(),
    typescript: z.string(),
    vitest: z.string(),
  }),
});

/** The versions of the tools. */
export type ToolVersions = z.infer<typeof packageSchema>['devDependencies'];

/** Reads them from this package's own description. */
export const readToolVersions = (): ToolVersions => {
  const path = fileURLToPath(import.meta.resolve('starquake/package.json'));
  return packageSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).devDependencies;
};
