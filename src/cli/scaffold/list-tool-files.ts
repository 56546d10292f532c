// The files of a new repository that tools read.
import type { Project, ProjectFiles } from './project.ts';

const writeJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const writePackage = ({ app, starquake, versions }: Project): string =>
  writeJson({
    name: app,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.18' },
    scripts: {
      start: 'starquake dev src/app.ts',
      test: 'vitest run',
      types: 'tsc --noEmit',
      synth: 'cdk synth --quiet --no-notices',
      deploy: 'cdk deploy',
    },
    dependencies: { starquake },
    devDependencies: versions,
  });

const compiler = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src', 'test', 'lib', 'bin'],
};

/** Settings of npm, TypeScript, the CDK and git. */
export const listToolFiles = (project: Project): ProjectFiles => ({
  'package.json': writePackage(project),
  'tsconfig.json': writeJson(compiler),
  'cdk.json': writeJson({ app: 'node bin/main.ts', context: { '@aws-cdk/aws-lambda:recognizeVersionProps': true } }),
  '.gitignore': 'node_modules/\ncdk.out/\n.starquake/\n',
});
