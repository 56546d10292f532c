// Reads TypeScript as a tree: what a file imports, exports, calls and how long its functions are.

import { parseSync } from 'vite';
import type { SourceFile } from './source-file.ts';

/** A node of the syntax tree, in the shape that ESTree gives it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A node with the node that it stands in. */
export interface Place {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
}

const trees = new WeakMap<SourceFile, Place[]>();

/** Whether a file is TypeScript. */
export const isTypeScript = ({ path }: SourceFile): boolean => /\.[mc]?tsx?$/.test(path);

/** Lists every node of a file, parents first; empty for a file that is not TypeScript. */
export function listNodes(file: SourceFile): readonly Place[] {
  if (!isTypeScript(file)) return [];
  const known = trees.get(file);
  if (known) return known;
  const places: Place[] = [];
  collectNodes(parse(file), undefined, places);
  trees.set(file, places);
  return places;
}

function parse({ path, text }: SourceFile): unknown {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  return program;
}

function collectNodes(value: unknown, parent: SyntaxNode | undefined, places: Place[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collectNodes(item, parent, places);
  } else if (isNode(value)) {
    places.push({ node: value, parent });
    for (const field of Object.values(value)) collectNodes(field, value, places);
  }
}

/** Whether a field of a node is a node itself. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value;
}

/** The name of an identifier, or `undefined` for anything else. */
export function readName(value: unknown): string | undefined {
  return isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : undefined;
}

/** The text of a string literal, or `undefined` for anything else. */
export function readText(value: unknown): string | undefined {
  return isNode(value) && value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined;
}

/** Lists the modules that a file names in imports, re-exports, dynamic imports and import types. */
export function listImports(file: SourceFile): string[] {
  return listNodes(file).flatMap(({ node }) => {
    if (!/^(Import(Declaration|Expression)|Export(Named|All)Declaration|TSImportType)$/.test(node.type)) return [];
    return readText(node['source']) ?? [];
  });
}

/** The line of a file, counted from 1, that a position is on. */
export function findLine({ text }: SourceFile, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** The number of lines of a text, whether or not it ends with a line break. */
export function countLines(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}
