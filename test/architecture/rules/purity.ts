// Rules of what code may reach for without importing it: the environment, the clock, randomness.

import { compositionRoots, pureRooms } from '../repository/rooms.ts';
import { findLine, isNode, listNodes, readName } from '../repository/syntax.ts';
import type { Rule, SourceFile } from '../repository/source-file.ts';
import type { Place, SyntaxNode } from '../repository/syntax.ts';

const file = (path: string, text: string): SourceFile => ({ path, text });

const impureGlobals = new Set(['process', 'performance', 'crypto', 'fetch', 'navigator', 'setTimeout', 'setInterval', 'setImmediate']);
const impureMembers = new Set(['Date.now', 'Math.random', 'import.meta.env']);

export const purityRules: Rule[] = [
  {
    promise: 'process.env is read by composition roots and tests only',
    findViolations: (files) =>
      files
        .filter(({ path }) => !compositionRoots.test(path))
        .flatMap((source) =>
          listNodes(source).flatMap(({ node }) => (readsEnvironment(node) ? tell(source, node, 'reads process.env') : [])),
        ),
    broken: {
      'a setting read where it is used': [file('src/api/server.ts', 'const port = process.env.PORT;')],
      'by another spelling': [file('src/api/server.ts', "const port = process['env'].PORT;")],
      'taken apart': [file('src/api/server.ts', 'const { env } = process;')],
      'by an import': [file('src/api/server.ts', "import { env } from 'node:process';")],
    },
    kept: {
      'the rest of process': [file('src/api/server.ts', 'process.exitCode = 1; settings.env.PORT;')],
      'a main': [file('src/api/main.ts', 'process.env.PORT')],
    },
  },
  {
    promise: 'engine and cost read no clock, no randomness and no environment',
    findViolations: (files) =>
      files
        .filter(({ path }) => pureRooms.test(path))
        .flatMap((source) => {
          const declared = listDeclaredNames(source);
          return listNodes(source).flatMap((place) => {
            const reached = nameImpurity(place, declared);
            return reached === undefined ? [] : tell(source, place.node, `reaches for ${reached}`);
          });
        }),
    broken: Object.fromEntries(
      [
        'Date.now()',
        'new Date()',
        'Date()',
        'Math.random()',
        'performance.now()',
        'crypto.randomUUID()',
        'process.hrtime()',
        'setTimeout(f, 1)',
        'globalThis.crypto',
        "Math['random']()",
      ].map((call) => [call, [file('src/engine/decide.ts', `export const decide = () => ${call};`)]]),
    ),
    kept: {
      'a date of a given instant': [file('src/cost/price.ts', 'export const day = (at: number) => new Date(at).toISOString();')],
      'the same words as names of fields': [
        file('src/engine/a.ts', 'export const a = (b: { process: 1; now(): number }) => b.process + b.now();'),
      ],
      'a parameter of that name': [file('src/engine/a.ts', 'export const a = (process: string) => process.length;')],
      'replacing it in a realm': [file('src/engine/a.ts', 'export const guard = (random: () => number) => { Math.random = random; };')],
      'a type': [file('src/engine/a.ts', 'export type A = typeof performance;')],
    },
  },
];

function tell(source: SourceFile, node: SyntaxNode, what: string): string {
  return `${source.path}:${findLine(source, node.start)} ${what}`;
}

function readsEnvironment(node: SyntaxNode): boolean {
  if (node.type === 'ImportDeclaration') return isNode(node['source']) && /^(node:)?process$/.test(String(node['source']['value']));
  if (node.type === 'VariableDeclarator') return readName(node['init']) === 'process';
  return ['process.env', 'import.meta.env'].includes(nameMember(node) ?? '');
}

/** Names what a node reaches for, if it is none of the file's own names. */
function nameImpurity({ node, parent }: Place, declared: ReadonlySet<string>): string | undefined {
  if (parent?.type === 'AssignmentExpression' && parent['left'] === node) return undefined;
  if (isDateOfNow(node)) return 'the time of now by Date';
  const member = nameMember(node);
  if (member !== undefined) return impureMembers.has(member) || impureGlobals.has(member.replace('globalThis.', '')) ? member : undefined;
  const name = readName(node);
  return name !== undefined && impureGlobals.has(name) && !declared.has(name) && !isNameOnly(node, parent) ? name : undefined;
}

function isDateOfNow(node: SyntaxNode): boolean {
  if (readName(node['callee']) !== 'Date') return false;
  return node.type === 'CallExpression' || (Array.isArray(node['arguments']) && node['arguments'].length === 0);
}

/** Spells a member expression as `object.property`, however it was written. */
function nameMember(node: SyntaxNode): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const { object, property } = node;
  const owner = readName(object) ?? (isNode(object) && object.type === 'MetaProperty' ? 'import.meta' : undefined);
  const member = node['computed'] === true && isNode(property) ? property['value'] : readName(property);
  return owner !== undefined && typeof member === 'string' ? `${owner}.${member}` : undefined;
}

/** Whether an identifier only names a field, a method or a type, and so reads nothing. */
function isNameOnly(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (!parent) return false;
  if (/^TS(TypeQuery|TypeReference|QualifiedName)$/.test(parent.type)) return true;
  if (parent['computed'] === true) return false;
  return parent['property'] === node || (parent['key'] === node && parent['value'] !== node);
}

/** Lists the names that a file gives to its own imports, parameters, variables and functions. */
function listDeclaredNames(source: SourceFile): Set<string> {
  const declarations = listNodes(source).flatMap(({ node }) => {
    if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') return [node['id'], node['params']];
    if (node.type.startsWith('Import')) return [node['local']];
    return [node['params']];
  });
  return new Set(declarations.flatMap(listBoundNames));
}

function listBoundNames(pattern: unknown): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(listBoundNames);
  if (!isNode(pattern)) return [];
  const name = readName(pattern);
  if (name !== undefined) return [name];
  return ['properties', 'value', 'elements', 'argument', 'left'].flatMap((field) => listBoundNames(pattern[field]));
}
