// Keeps the page of errors that people read equal to the catalogue that the code throws from.

import { isNode, listNodes, readName, readText } from '../repository/syntax.ts';
import type { Rule, SourceFile } from '../repository/source-file.ts';
import type { SyntaxNode } from '../repository/syntax.ts';

const catalogue = 'src/protocol/errors.ts';
const page = 'docs/errors.md';

export const errorsPageRule: Rule = {
  promise: `${page} has one row per code of ${catalogue}, with its texts`,
  findViolations: (files) => {
    const expected = new Set(listCatalogueRows(files.find(({ path }) => path === catalogue)));
    const actual = new Set(listPageRows(files.find(({ path }) => path === page)));
    if (expected.size === 0) return [`${catalogue} has no catalogue that can be read`];
    return [
      ...[...expected].filter((row) => !actual.has(row)).map((row) => `${page} lacks this row: ${row}`),
      ...[...actual].filter((row) => !expected.has(row)).map((row) => `${page} has a row that ${catalogue} has not: ${row}`),
    ];
  },
  broken: {
    'a code that the page lacks': plant("A: { what: 'Broken.', hint: 'Mend it.' }", ''),
    'a row without a code': plant("A: { what: 'Broken.', hint: 'Mend it.' }", '| `A` | Broken. | Mend it. |\n| `B` | Lost. | Find it. |'),
    'another text': plant("A: { what: 'Broken.', hint: 'Mend it.' }", '| `A` | Broken. | Leave it. |'),
    'no catalogue at all': [],
  },
  kept: { 'the same codes': plant("A: { what: 'Broken.', hint: 'Mend | it.' }", '| `A` | Broken. | Mend \\| it. |') },
};

function plant(entries: string, rows: string): SourceFile[] {
  return [
    { path: catalogue, text: `export const errorCatalogue = { ${entries} } as const;` },
    { path: page, text: `| code | what happened | what to do |\n|---|---|---|\n${rows}\n` },
  ];
}

function listCatalogueRows(source: SourceFile | undefined): string[] {
  const nodes = source ? listNodes(source).map(({ node }) => node) : [];
  const declaration = nodes.find((node) => node.type === 'VariableDeclarator' && readName(node['id']) === 'errorCatalogue');
  return listProperties(declaration?.['init']).map((property) => {
    const fields = new Map(listProperties(property['value']).map((field) => [readName(field['key']), readText(field['value']) ?? '']));
    return formatRow([`\`${readName(property['key'])}\``, fields.get('what') ?? '', fields.get('hint') ?? '']);
  });
}

/** Lists the properties of an object literal, whatever type is asserted of it. */
function listProperties(value: unknown): SyntaxNode[] {
  if (!isNode(value)) return [];
  if (value.type !== 'ObjectExpression') return listProperties(value['expression']);
  return Array.isArray(value['properties']) ? value['properties'].filter(isNode) : [];
}

function listPageRows(source: SourceFile | undefined): string[] {
  const rows = source?.text.match(/^\| *`[A-Z_]+`.*$/gm) ?? [];
  return rows.map((row) =>
    formatRow(
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    ),
  );
}

function formatRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
