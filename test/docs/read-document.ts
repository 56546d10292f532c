// Reads a page of the documentation: its examples, headings, links and what stands in it as code, each with its line.
import { readFile } from 'node:fs/promises';

/** A fenced block. */
export interface Block {
  /** What is written behind the fence: `ts`, `sh`, `mermaid`, ... */
  readonly language: string;
  /** Line of its first line of content, from 1. */
  readonly line: number;
  readonly text: string;
  /** The `##` heading that it stands under. */
  readonly chapter: string;
}

/** Something in the text, with its line. */
export interface Place {
  readonly line: number;
  readonly text: string;
}

/** A page. */
export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly headings: readonly Place[];
  /** Targets of links, as written. */
  readonly links: readonly Place[];
  /** What stands between backticks in the text. */
  readonly codes: readonly Place[];
}

const find = (lines: readonly Place[], pattern: RegExp): Place[] =>
  lines.flatMap(({ line, text }) => [...text.matchAll(pattern)].map(([, found = '']) => ({ line, text: found })));

/** Takes a page apart. */
export const parseDocument = (path: string, text: string): Document => {
  const blocks: Block[] = [];
  const prose: Place[] = [];
  let chapter = '';
  let open: { readonly language: string; readonly line: number; readonly indent: number; readonly lines: string[] } | undefined;
  for (const [index, content] of text.split('\n').entries()) {
    // Within a step of a list it is indented, and so is what stands in it.
    const fence = /^( *)```(.*)$/.exec(content);
    if (open && fence) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n'), chapter });
      open = undefined;
    } else if (open) open.lines.push(content.slice(open.indent));
    else if (fence) open = { language: fence[2]?.trim() ?? '', line: index + 2, indent: fence[1]?.length ?? 0, lines: [] };
    else {
      prose.push({ line: index + 1, text: content });
      if (content.startsWith('## ')) chapter = content.slice(3);
    }
  }
  return {
    path,
    blocks,
    headings: find(prose, /^#+ (.*)$/g),
    links: find(prose, /\]\(([^)\s]+)\)/g),
    codes: find(prose, /`([^`]+)`/g),
  };
};

/** Reads a page of this repository. */
export const readDocument = async (path: string): Promise<Document> => parseDocument(path, await readFile(path, 'utf8'));
