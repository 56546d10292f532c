// The plan of the house: every room with its floor, and what may come in from outside.

/** A folder whose files may import from their own room and from rooms on lower floors. */
export interface Room {
  readonly folder: string;
  readonly floor: number;
  /** Where a room is stricter than its floor: the only other rooms that it imports. */
  readonly imports?: readonly string[];
}

export const rooms: readonly Room[] = [
  { folder: 'src/protocol', floor: 1 },
  { folder: 'src/cost', floor: 1 },
  { folder: 'src/sdk', floor: 2 },
  { folder: 'src/ports', floor: 2 },
  { folder: 'src/platform', floor: 2 },
  { folder: 'src/engine', floor: 3 },
  { folder: 'src/adapters', floor: 3 },
  { folder: 'src/bundle', floor: 3 },
  { folder: 'src/client', floor: 3 },
  { folder: 'src/query', floor: 3 },
  { folder: 'src/connector', floor: 4 },
  { folder: 'src/api', floor: 4 },
  { folder: 'src/testing', floor: 5 },
  { folder: 'src/cli', floor: 5 },
  { folder: 'lambdas', floor: 4, imports: ['src/sdk', 'src/engine', 'src/protocol', 'src/adapters'] },
  { folder: 'workflows', floor: 4, imports: ['src/sdk'] },
  { folder: 'lib', floor: 4, imports: ['src/protocol', 'src/platform', 'src/bundle', 'src/cost'] },
  { folder: 'bin', floor: 5, imports: ['lib'] },
  { folder: 'dashboard', floor: 5, imports: ['src/protocol', 'src/client'] },
  { folder: 'test', floor: 6 },
  { folder: 'bench', floor: 7 },
];

/** What the package's own name means inside the repository. */
export const ownEntries: Readonly<Record<string, string>> = {
  starquake: 'src/sdk/index.ts',
  'starquake/client': 'src/client/index.ts',
  'starquake/testing': 'src/testing/index.ts',
  'starquake/cdk': 'lib/index.ts',
};

/** The files that put adapters and rooms together, and read the environment; tests and benchmarks may too. */
export const compositionRoots =
  /^(src\/connector\/main\.ts|src\/api\/main\.ts|src\/cli\/(main|compose)\.ts|src\/testing\/compose\.ts|(lambdas|test|bench)\/.*|[^/]+\.config\.ts)$/;

/** Libraries that only some folders may import, by the beginning of the path. */
export const confinedModules: readonly { readonly module: RegExp; readonly folders: RegExp }[] = [
  { module: /^(aws-cdk-lib|@aws-cdk|constructs)(\/|$)/, folders: /^(lib|bin|test\/infra|test\/support\/infra)\// },
  { module: /^esbuild$/, folders: /^(src\/bundle|test)\// },
  { module: /^(@aws-sdk\/.*|pulsar-client)$/, folders: /^(src\/adapters|test|bench)\// },
];

/** Rooms that import only a few libraries. `engine` and `cost` are pure; the author's bundle runs where there is no Node. */
export const frugalRooms: readonly { readonly folder: string; readonly modules: RegExp }[] = [
  { folder: 'src/protocol', modules: /^zod$/ },
  { folder: 'src/cost', modules: /^(?!node:)/ },
  { folder: 'src/sdk', modules: /^(?!node:)/ },
  { folder: 'src/engine', modules: /^(?!node:)/ },
  { folder: 'workflows', modules: /^starquake$/ },
];

/** The rooms that read no clock, no randomness and no environment. */
export const pureRooms = /^src\/(engine|cost)\//;

/** Finds the room that a file is in: the one with the longest matching folder. */
export function findRoom(path: string): Room | undefined {
  return rooms.find(({ folder }) => path.startsWith(`${folder}/`));
}
