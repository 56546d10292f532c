// Takes the code of jobs out of a module, with whatever only that code used, so that decisions carry none of it.
import { parse, type AnyNode, type CallExpression, type Program } from 'acorn';

/** Tells whether a job's code stays; its name is known where it is written as a plain text. */
export type KeepsJob = (name: string | undefined) => boolean;

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const CUT_RUN = 'run() { throw new Error("The code of this job is not in this bundle."); }';

/**
 * Cuts the `run` of every `job({ ... })` imported from `starquake`, then the imports and declarations that nothing else used.
 * A definition that is not written out in the call is left as it is.
 *
 * @param code - JavaScript, one ES module
 * @param keeps - which jobs keep their code; none by default
 * @example
 * cutJobCode("import { job } from 'starquake'; import pg from 'pg'; export const save = job({ name: 'save', run: () => pg.query('...') });");
 */
export const cutJobCode = (code: string, keeps: KeepsJob = () => false): string => {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  const cuts = findRuns(program, keeps);
  if (cuts.length === 0) return code;
  const used = countNames(program, []);
  for (let before = -1; before !== cuts.length;) {
    before = cuts.length;
    cuts.push(...findUnused(program, cuts, used));
  }
  return applyCuts(code, cuts);
};

const findRuns = (program: Program, keeps: KeepsJob): Cut[] => {
  const { functions, namespaces } = findJobImports(program);
  const cuts: Cut[] = [];
  visit(program, (node) => {
    if (node.type !== 'CallExpression' || !callsJob(node, functions, namespaces)) return;
    const [definition] = node.arguments;
    if (definition?.type !== 'ObjectExpression') return;
    const properties = definition.properties.filter((property) => property.type === 'Property');
    const find = (name: string) =>
      properties.find(
        ({ key, computed }) => !computed && (key.type === 'Identifier' ? key.name : key.type === 'Literal' && key.value) === name,
      );
    const [run, name] = [find('run'), find('name')?.value];
    const text = name?.type === 'Literal' && typeof name.value === 'string' ? name.value : undefined;
    if (run !== undefined && !keeps(text)) cuts.push({ start: run.start, end: run.end, replacement: CUT_RUN });
  });
  return cuts;
};

const findJobImports = (program: Program): { functions: Set<string>; namespaces: Set<string> } => {
  const functions = new Set<string>();
  const namespaces = new Set<string>();
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration' || statement.source.value !== 'starquake') continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type === 'ImportNamespaceSpecifier') namespaces.add(specifier.local.name);
      else if (specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' && specifier.imported.name === 'job')
        functions.add(specifier.local.name);
    }
  }
  return { functions, namespaces };
};

const callsJob = ({ callee }: CallExpression, functions: ReadonlySet<string>, namespaces: ReadonlySet<string>): boolean => {
  if (callee.type === 'Identifier') return functions.has(callee.name);
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier' || callee.property.type !== 'Identifier') return false;
  return namespaces.has(callee.object.name) && callee.property.name === 'job';
};

/** Imports and top-level declarations that were used before the cuts, and are used only in what is cut now. */
const findUnused = (program: Program, cuts: readonly Cut[], usedBefore: ReadonlyMap<string, number>): Cut[] => {
  const used = countNames(program, cuts);
  const unused = (name: string): boolean => (used.get(name) ?? 0) === 1 && (usedBefore.get(name) ?? 0) > 1;
  return program.body
    .filter((statement) => !isCut(statement, cuts) && declaredNames(statement).length > 0 && declaredNames(statement).every(unused))
    .map(({ start, end }) => ({ start, end, replacement: '' }));
};

/** The names that a statement makes; none for a statement that does anything else or is seen from other modules. */
const declaredNames = (statement: Program['body'][number]): readonly string[] => {
  if (statement.type === 'ImportDeclaration') return statement.specifiers.map(({ local }) => local.name);
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') return [statement.id.name];
  if (statement.type !== 'VariableDeclaration') return [];
  const names = statement.declarations.map(({ id }) => (id.type === 'Identifier' ? [id.name] : [...countNames(id, []).keys()]));
  return names.flat();
};

/** How often each name is written, outside of what is cut; a property of the same name counts too, which at worst keeps more. */
const countNames = (root: AnyNode, cuts: readonly Cut[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  visit(root, (node, parent) => {
    if (isCut(node, cuts)) return 'skip';
    if (node.type !== 'Identifier' || isPropertyName(node, parent)) return;
    counts.set(node.name, (counts.get(node.name) ?? 0) + 1);
    return;
  });
  return counts;
};

/** `value.name` and `{ name: value }` say nothing about a variable `name`. */
const isPropertyName = (node: AnyNode, parent: AnyNode | undefined): boolean => {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed;
  if (parent?.type === 'Property') return parent.key === node && !parent.computed;
  return false;
};

const isCut = (node: { readonly start: number; readonly end: number }, cuts: readonly Cut[]): boolean =>
  cuts.some(({ start, end }) => start <= node.start && node.end <= end);

const applyCuts = (code: string, cuts: readonly Cut[]): string => {
  const outermost = cuts.filter((cut) => !cuts.some((other) => other !== cut && isCut(cut, [other]))).toSorted((a, b) => a.start - b.start);
  let at = 0;
  const kept = outermost.map(({ start, end, replacement }) => {
    const before = code.slice(at, start);
    at = end;
    return before + replacement;
  });
  return kept.join('') + code.slice(at);
};

/** Walks a tree from the top; `skip` leaves out what is below. */
const visit = (node: AnyNode, see: (node: AnyNode, parent: AnyNode | undefined) => 'skip' | void, parent?: AnyNode): void => {
  if (see(node, parent) === 'skip') return;
  const children = node.type === 'ImportSpecifier' ? [node.local] : Object.values(node).flat();
  for (const child of children) {
    if (isNode(child)) visit(child, see, node);
  }
};

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
