// Rules of the shape of files: how long, how they open, what they export.

import { countLines, findLine, isNode, isTypeScript, listNodes, readName } from '../repository/syntax.ts';
import type { Rule, SourceFile } from '../repository/source-file.ts';
import type { Place, SyntaxNode } from '../repository/syntax.ts';

const longestFile = 400;
const longestFunction = 60;
const longestLambda = 40;

const file = (path: string, text: string): SourceFile => ({ path, text });
const lines = (count: number): string => 'f();\n'.repeat(count);

export const shapeRules: Rule[] = [
  {
    promise: `no file has more than ${longestFile} lines`,
    findViolations: (files) => findLongFiles(files.filter(isTypeScript), longestFile),
    broken: { 'one line too many': [file('src/sdk/a.ts', lines(401))] },
    kept: { 'exactly as many as allowed': [file('src/sdk/a.ts', lines(400))], prose: [file('docs/guide.md', lines(900))] },
  },
  {
    promise: `no lambda has more than ${longestLambda} lines`,
    findViolations: (files) =>
      findLongFiles(
        files.filter(({ path }) => path.startsWith('lambdas/')),
        longestLambda,
      ),
    broken: { 'a lambda that does too much': [file('lambdas/decision.ts', lines(41))] },
    kept: { 'exactly as many as allowed': [file('lambdas/decision.ts', lines(40))] },
  },
  {
    promise: `no function has more than ${longestFunction} lines; a suite of tests is a list, and may`,
    findViolations: (files) =>
      files.flatMap((source) =>
        listNodes(source).flatMap(({ node, parent }) => {
          const length = countLines(source.text.slice(node.start, node.end));
          if (!isFunction(node) || length <= longestFunction || isSuite(source, node)) return [];
          return `${source.path}:${findLine(source, node.start)} ${nameFunction(node, parent)} has ${length} lines`;
        }),
      ),
    broken: {
      'a function': [file('src/sdk/a.ts', `export function run() {\n${lines(59)}}`)],
      'an arrow function': [file('src/sdk/a.ts', `export const run = () => {\n${lines(59)}};`)],
      'a method': [file('src/sdk/a.ts', `export class Runner {\n  run() {\n${lines(59)}  }\n}`)],
      'one test': [file('test/unit/a.test.ts', `it('does all', () => {\n${lines(59)}});`)],
      'a suite outside the tests': [file('src/sdk/a.ts', `export function run() {\n it('is', f);\n${lines(59)}}`)],
    },
    kept: {
      'exactly as many as allowed': [file('src/sdk/a.ts', `export function run() {\n${lines(58)}}`)],
      'a suite': [file('test/unit/a.test.ts', `describe('all', () => {\n${"it('is', f);\n".repeat(90)}});`)],
    },
  },
  {
    promise: 'nothing is exported by the handful: no `export *`',
    findViolations: (files) =>
      files.flatMap((source) =>
        listNodes(source).flatMap(({ node }) =>
          node.type === 'ExportAllDeclaration' ? `${source.path}:${findLine(source, node.start)} has \`export *\`` : [],
        ),
      ),
    broken: {
      'a barrel': [file('src/sdk/index.ts', "export * from './job.ts';")],
      'a barrel with a name': [file('src/sdk/index.ts', "export * as jobs from './job.ts';")],
      'a barrel of types': [file('src/sdk/index.ts', "export type * from './job.ts';")],
    },
    kept: { 'named exports': [file('src/sdk/index.ts', "export { job } from './job.ts';")] },
  },
  {
    promise: 'each file opens with a comment that says why it exists',
    findViolations: (files) =>
      files
        .filter((source) => canOpenWithComment(source) && !opensWithComment(source.text))
        .map(({ path }) => `${path} does not open with a comment`),
    broken: {
      'code at once': [file('src/sdk/a.ts', "import './b.ts';\n// Why this file exists.")],
      'a comment that says nothing': [file('src/sdk/a.ts', '// a.ts\nf();')],
      'an instruction to a tool': [file('src/sdk/a.ts', '/// <reference lib="dom" />\nf();')],
      'a script': [file('.ci/run', '#!/usr/bin/env bash\nset -e\n')],
    },
    kept: {
      'a sentence': [file('src/sdk/a.ts', '// Says why it exists.\nf();')],
      'a script': [file('.ci/run', '#!/usr/bin/env bash\n# Says why it exists.\nset -e\n')],
      'a docstring': [file('src/sdk/a.ts', '/**\n * Says why it exists.\n */\nf();')],
      'a tool that reads no comments': [file('package.json', '{}')],
    },
  },
  {
    promise: 'a port is an interface: ports hold nothing that runs',
    findViolations: (files) =>
      files
        .filter(({ path }) => path.startsWith('src/ports/'))
        .flatMap((source) =>
          listNodes(source).flatMap((place) =>
            runs(place) ? `${source.path}:${findLine(source, place.node.start)} holds code that runs` : [],
          ),
        ),
    broken: {
      'a function': [file('src/ports/bus.ts', 'export function connect() {}')],
      'a constant': [file('src/ports/bus.ts', 'export const limit = 5;')],
      'an import that loads something': [file('src/ports/bus.ts', "import './setup.ts';")],
    },
    kept: {
      'interfaces and types': [
        file(
          'src/ports/bus.ts',
          "import type { A } from './a.ts';\nexport interface Bus { publish(a: A): Promise<void> }\nexport type B = Bus;\nexport type { A };",
        ),
      ],
    },
  },
];

function findLongFiles(files: readonly SourceFile[], longest: number): string[] {
  return files.flatMap(({ path, text }) =>
    countLines(text) > longest ? `${path} has ${countLines(text)} lines, more than ${longest}` : [],
  );
}

function isFunction({ type }: SyntaxNode): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';
}

/** Whether a function of the tests declares tests itself, and so is a list of them. */
function isSuite(source: SourceFile, node: SyntaxNode): boolean {
  if (!source.path.startsWith('test/')) return false;
  return listNodes(source).some(({ node: inner }) => inner.start > node.start && inner.end < node.end && declaresTests(inner));
}

function declaresTests(node: SyntaxNode): boolean {
  return node.type === 'CallExpression' && ['describe', 'it', 'test'].includes(readRootName(node['callee']) ?? '');
}

/** Finds the name that a call such as `it.each(table)(name, fn)` begins with. */
function readRootName(callee: unknown): string | undefined {
  if (!isNode(callee)) return undefined;
  return readName(callee) ?? readRootName(callee['object'] ?? callee['callee'] ?? callee['tag']);
}

function nameFunction(node: SyntaxNode, parent: SyntaxNode | undefined): string {
  return readName(node['id']) ?? readName(parent?.['id']) ?? readName(parent?.['key']) ?? 'a function';
}

function canOpenWithComment(source: SourceFile): boolean {
  return isTypeScript(source) || /(^\.ci\/|\.(sh|[mc]?js)$)/.test(source.path);
}

function opensWithComment(text: string): boolean {
  return /^(#!.*\n)?\s*(\/\/(?!\/)|\/\*|#)[\s*]*\S+ \S+ \S/.test(text);
}

function runs({ node, parent }: Place): boolean {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration') {
    return node['source'] !== null && node['importKind'] !== 'type' && node['exportKind'] !== 'type';
  }
  return parent?.type === 'Program' || parent?.type === 'ExportNamedDeclaration' ? !/^(TS|Import|Export)/.test(node.type) : false;
}
