// Rules against going round in circles, from file to file and from folder to folder.

import { posix } from 'node:path';
import { resolveImports } from '../repository/import-graph.ts';
import type { Rule, SourceFile } from '../repository/source-file.ts';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const file = (path: string, text: string): SourceFile => ({ path, text });

export const cycleRules: Rule[] = [
  {
    promise: 'no files import one another in a circle',
    findViolations: (files) => {
      const graph = buildGraph(resolveImports(files).map(({ from, target }) => [from, target]));
      return [...graph.keys()].flatMap((start) => {
        const circle = findWayBack(graph, start);
        // Each circle is told once, from the first of its files.
        return circle && circle.every((path) => start <= path) ? `${start} comes back to itself: ${[...circle, start].join(' -> ')}` : [];
      });
    },
    broken: {
      'two files': [file('src/sdk/a.ts', "import './b.ts';"), file('src/sdk/b.ts', "import type { A } from './a.ts';")],
      'three files in two folders': [
        file('src/api/a.ts', "import './b/b.ts';"),
        file('src/api/b/b.ts', "import './c.ts';"),
        file('src/api/b/c.ts', "export { a } from '../a.ts';"),
      ],
      'a file that imports itself': [file('src/sdk/a.ts', "import './a.ts';")],
    },
    kept: { 'two ways to one file': [file('src/a/a.ts', "import './b.ts'; import './c.ts';"), file('src/a/b.ts', "import './c.ts';")] },
  },
  {
    promise: 'no two folders import each other',
    findViolations: (files) => {
      const imports = resolveImports(files).filter(
        ({ from, target }) => target !== undefined && posix.dirname(from) !== posix.dirname(target),
      );
      const graph = buildGraph(imports.map(({ from, target }) => [posix.dirname(from), target && posix.dirname(target)]));
      return imports.flatMap(({ from, target }) => {
        if (target === undefined || !graph.get(posix.dirname(target))?.has(posix.dirname(from))) return [];
        return `${from} imports ${target}, but ${posix.dirname(target)} imports ${posix.dirname(from)} too`;
      });
    },
    broken: {
      'by different files': [file('src/api/x/a.ts', "import '../y/b.ts';"), file('src/api/y/c.ts', "import '../x/d.ts';")],
      'a folder and the folder in it': [file('src/api/a.ts', "import './x/b.ts';"), file('src/api/x/c.ts', "import '../d.ts';")],
    },
    kept: { 'one way only': [file('src/api/a.ts', "import './x/b.ts';"), file('src/api/x/b.ts', "import './c.ts';")] },
  },
];

function buildGraph(edges: readonly (readonly [from: string, to: string | undefined])[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    const targets = graph.get(from) ?? new Set();
    graph.set(from, to === undefined ? targets : targets.add(to));
  }
  return graph;
}

/** Finds the shortest way from a node back to it, as the nodes on it in order. */
function findWayBack(graph: Graph, start: string): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return way;
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}
