// Takes the shell lines of the documentation apart into the commands that they run, each as its words.

/** A word, and where it stands in quotes the operators of the shell mean nothing. */
const wordPattern = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g;

const unquote = (word: string): string =>
  word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? '');

/**
 * The commands of a block of shell.
 *
 * @param text - lines that may go on behind a backslash; `#` begins a remark
 * @returns each command with the line, from 0, that it begins on
 * @example
 * splitCommands("npm ci && npm test # proves it"); // [{ line: 0, words: ['npm', 'ci'] }, { line: 0, words: ['npm', 'test'] }]
 */
export const splitCommands = (text: string): readonly { readonly line: number; readonly words: readonly string[] }[] => {
  const commands: { line: number; words: string[] }[] = [];
  let goesOn = false;
  for (const [line, content] of text.split('\n').entries()) {
    if (!goesOn) commands.push({ line, words: [] });
    goesOn = content.endsWith('\\');
    for (const word of content.replace(/\\$/, '').match(wordPattern) ?? []) {
      if (word.startsWith('#')) break;
      if (/^(\||\|\||&&?|;)$/.test(word)) commands.push({ line, words: [] });
      // What is set for one command only, as in `STARQUAKE_URL=... starquake list`, is not the command.
      else if (!/^[A-Z_]+=/.test(word) || commands.at(-1)?.words.length !== 0) commands.at(-1)?.words.push(unquote(word));
    }
  }
  return commands.filter(({ words }) => words.length > 0);
};
