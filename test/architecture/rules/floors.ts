// Rules of who may import whom: floors, libraries that are confined, rooms that are frugal.

import { resolveImports } from '../repository/import-graph.ts';
import { compositionRoots, confinedModules, findRoom, frugalRooms } from '../repository/rooms.ts';
import { isTypeScript } from '../repository/syntax.ts';
import type { Rule, SourceFile } from '../repository/source-file.ts';

const file = (path: string, text: string): SourceFile => ({ path, text });

export const floorRules: Rule[] = [
  {
    promise: 'every TypeScript file is in a room of the house',
    findViolations: (files) =>
      files
        .filter((source) => isTypeScript(source) && source.path.includes('/') && !findRoom(source.path))
        .map(({ path }) => `${path} is in no room: name its folder and floor in test/architecture/repository/rooms.ts, or move it`),
    broken: { 'a new folder': [file('src/lobby/door.ts', '')], 'a file beside the folders': [file('src/door.ts', '')] },
    kept: { 'a setting of a tool': [file('vitest.config.ts', '')] },
  },
  {
    promise: 'a file imports only from lower floors or its own folder',
    findViolations: (files) =>
      resolveImports(files).flatMap(({ from, target }) => {
        if (target === undefined || mayEnter(from, target)) return [];
        return `${from} imports ${target}, which its room may not`;
      }),
    broken: {
      'a higher floor': [file('src/engine/run.ts', "import { loop } from '../connector/loop.ts';")],
      'a neighbour on the same floor': [file('src/sdk/flow.ts', "import type { Bus } from '../ports/bus.ts';")],
      'by way of a re-export': [file('src/protocol/a.ts', "export { job } from '../sdk/job.ts';")],
      'by way of a dynamic import': [file('src/protocol/a.ts', "const sdk = await import('../sdk/index.ts');")],
      'by way of an import type': [file('src/ports/a.ts', "export type A = import('../sdk/job.ts').Job;")],
      'by the name of the package': [file('src/cost/price.ts', "import { job } from 'starquake';")],
      'a lambda that imports a port': [file('lambdas/timer.ts', "import type { Bus } from '../src/ports/bus.ts';")],
      'a stack that imports the engine': [file('lib/stacks/data.ts', "import { decide } from '../../src/engine/decide.ts';")],
      'a file outside every room': [file('src/sdk/job.ts', "import { name } from '../name.ts';")],
    },
    kept: {
      'a lower floor and the own folder': [
        file('src/engine/run.ts', "import '../protocol/events.ts'; import '../sdk/job.ts'; import './accept.ts';"),
      ],
      'an app': [file('workflows/booking/app.ts', "import { app } from 'starquake'; import { pay } from './pay.ts';")],
      'what a comment or a text mentions': [
        file('src/protocol/a.ts', "// import '../sdk/job.ts'\nexport const a = `import '../sdk/job.ts'`;"),
      ],
    },
  },
  {
    promise: 'adapters are imported by composition roots and tests only',
    findViolations: (files) =>
      resolveImports(files)
        .filter(
          ({ from, target }) => target?.startsWith('src/adapters/') && !from.startsWith('src/adapters/') && !compositionRoots.test(from),
        )
        .map(({ from, target }) => `${from} imports ${target}, but is no composition root`),
    broken: {
      'a loop that picks its adapter': [file('src/connector/meter.ts', "import { createBus } from '../adapters/embedded/bus.ts';")],
    },
    kept: {
      'a composition root, an adapter, a test': ['src/cli/compose.ts', 'src/adapters/embedded/disk.ts', 'test/contract/bus.test.ts'].map(
        (path) => file(path, `import '${'../'.repeat(path.split('/').length - 1)}src/adapters/embedded/bus.ts';`),
      ),
    },
  },
  {
    promise: 'aws-cdk-lib, esbuild and the clients of outside things stay where they belong',
    findViolations: (files) =>
      resolveImports(files)
        .filter(({ from, module }) =>
          confinedModules.some((confined) => module !== undefined && confined.module.test(module) && !confined.folders.test(from)),
        )
        .map(({ from, module }) => `${from} imports ${module}, which other folders may, but not this one`),
    broken: {
      'the CDK at run time': [file('lambdas/timer.ts', "import { Duration } from 'aws-cdk-lib';")],
      'a part of the CDK': [file('src/cli/deploy.ts', "import { Table } from 'aws-cdk-lib/aws-dynamodb';")],
      'a second bundler': [file('src/cli/dev.ts', "import { build } from 'esbuild';")],
      'an AWS client outside of its adapter': [file('src/query/athena.ts', "import { AthenaClient } from '@aws-sdk/client-athena';")],
    },
    kept: {
      'a construct and the bundle': [file('lib/constructs/a.ts', "import 'aws-cdk-lib';"), file('src/bundle/a.ts', "import 'esbuild';")],
    },
  },
  {
    promise: 'protocol needs one schema library, apps need starquake alone; engine, cost and sdk need nothing of Node',
    findViolations: (files) =>
      resolveImports(files)
        .filter(({ from, module }) =>
          frugalRooms.some(({ folder, modules }) => module !== undefined && from.startsWith(`${folder}/`) && !modules.test(module)),
        )
        .map(({ from, module }) => `${from} imports ${module}, which its room does without`),
    broken: {
      'a hash from Node in the engine': [file('src/engine/run.ts', "import { createHash } from 'node:crypto';")],
      'a date library in the protocol': [file('src/protocol/events.ts', "import { DateTime } from 'luxon';")],
      'files read while prices are computed': [file('src/cost/price.ts', "import { readFileSync } from 'node:fs';")],
      'a helper library in an example app': [file('workflows/booking/app.ts', "import { z } from 'zod';")],
    },
    kept: { 'a schema of the protocol': [file('src/protocol/events.ts', "import { z } from 'zod';")] },
  },
];

function mayEnter(from: string, target: string): boolean {
  const home = findRoom(from);
  const visited = findRoom(target);
  if (!home || home === visited) return true;
  if (!visited) return false;
  return visited.floor < home.floor && (home.imports?.includes(visited.folder) ?? true);
}
