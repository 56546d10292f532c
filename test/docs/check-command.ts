// Holds a command of the documentation against what there is: the command line's own program, npm's scripts, the API's routes.
import { CommanderError, type Command } from 'commander';
import { createProgram } from '../../src/cli/create-program.ts';
import type { Terminal } from '../../src/cli/terminal/terminal.ts';

/** What commands are held against. */
export interface KnownThings {
  /** Names in `scripts` of package.json. */
  readonly scripts: readonly string[];
  /** Routes of the API, as in `POST /runs/{run}/cancel`. */
  readonly routes: readonly string[];
}

const silentTerminal: Terminal = {
  write: () => undefined,
  complain: () => undefined,
  isWatched: false,
  readInput: () => Promise.resolve(''),
  url: 'http://127.0.0.1:4400',
  endWith: () => undefined,
  quit: () => {
    throw new Error('A command that is only parsed ends the process.');
  },
  onInterrupt: () => () => undefined,
};

const disarm = (command: Command): void => {
  if (command.commands.length === 0) command.action(() => undefined);
  command.commands.forEach(disarm);
};

/** The real program, with commands that do nothing. */
export const makeProgram = (): Command => {
  const program = createProgram(silentTerminal);
  disarm(program);
  return program;
};

/** Names of all commands, as in `job retry`. */
export const listCommands = (command: Command, before: readonly string[] = []): readonly string[] =>
  command.commands.flatMap((child) => {
    const name = [...before, child.name()];
    return child.commands.length === 0 ? [name.join(' ')] : listCommands(child, name);
  });

const parse = async (words: readonly string[]): Promise<string | undefined> => {
  try {
    await makeProgram().parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
};

const checkNpm = (words: readonly string[], scripts: readonly string[]): string | undefined => {
  const [command = '', script = ''] = words.filter((word) => !word.startsWith('-'));
  if (['ci', 'install'].includes(command)) return undefined;
  const name = command === 'run' ? script : command;
  return scripts.includes(name) ? undefined : `there is no npm script "${name}"`;
};

/** A route with what may stand at its parameters. */
const matchRoute = (route: string): RegExp => new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const checkCurl = (words: readonly string[], routes: readonly string[]): string | undefined => {
  const url = words.find((word) => word.startsWith('http'));
  if (url === undefined || !URL.canParse(url)) return 'it names no URL';
  const given = words[words.findIndex((word) => word === '-X') + 1];
  const method = words.includes('-X') ? given : words.includes('-d') ? 'POST' : 'GET';
  const wanted = `${method} ${new URL(url).pathname}`;
  return routes.some((route) => matchRoute(route).test(wanted)) ? undefined : `the API has no ${wanted}`;
};

/** Commands that are the reader's own. */
const others = new Set(['alias', 'cd', 'export', 'git', 'jq', 'mkdir']);

/**
 * Says what is wrong with a command; undefined if nothing is.
 *
 * @param words - of one command
 */
export const checkCommand = async (words: readonly string[], { scripts, routes }: KnownThings): Promise<string | undefined> => {
  const [name = '', ...rest] = words;
  if (name === 'starquake') return parse(rest);
  if (name === 'npx') return rest[0] === 'starquake' ? parse(rest.slice(1)) : `"${words.join(' ')}" runs a package that is not ours`;
  if (name === 'npm') {
    const end = rest.indexOf('--');
    return rest.includes('starquake') ? parse(end < 0 ? [] : rest.slice(end + 1)) : checkNpm(rest, scripts);
  }
  if (name === 'curl') return checkCurl(rest, routes);
  return others.has(name) ? undefined : `"${name}" is a command that no reader is known to have`;
};

/** Says what is wrong with a command that is named in a sentence, where arguments may be left out: `starquake job retry`. */
export const checkNamedCommand = (text: string): string | undefined => {
  const program = makeProgram();
  let command = program;
  for (const word of text.split(/\s+/).slice(1)) {
    if (word.startsWith('--')) {
      const known = [...command.options, ...program.options].some(({ long }) => long === word);
      if (!known) return `"${text}" has an unknown option ${word}`;
    }
    if (command.commands.length === 0 || !/^[a-z-]+$/.test(word) || word.startsWith('-')) continue;
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) return `"${text}" names no command "${word}"`;
    command = child;
  }
  return undefined;
};
