// Reads what people type after options: JSON values, tags, numbers, ports.
import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Reads a value: JSON text, `@file`, or `-` for stdin; undefined when nothing was given.
 *
 * @throws SETTINGS_INVALID if it is not JSON or the file cannot be read
 */
export const readValue = async (terminal: Terminal, text: string | undefined, option: string): Promise<unknown> => {
  if (text === undefined) return undefined;
  const json = await readText(terminal, text, option);
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new StarquakeError(
      'SETTINGS_INVALID',
      `The value of ${option} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: `Quote it for the shell, as in ${option} '{"a":1}', or use ${option} @file.json or ${option} - for stdin.`,
        cause: error,
      },
    );
  }
};

const readText = async (terminal: Terminal, text: string, option: string): Promise<string> => {
  if (text === '-') return await terminal.readInput();
  if (!text.startsWith('@')) return text;
  try {
    return await readFile(text.slice(1), 'utf8');
  } catch (error) {
    throw new StarquakeError(
      'SETTINGS_INVALID',
      `The file of ${option} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Check the path after the @.', cause: error },
    );
  }
};

/** Collects `--tag name=value`, which may be given more than once. */
export const collectTag = (text: string, tags: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write a tag as name=value.');
  return { ...tags, [text.slice(0, at)]: text.slice(at + 1) };
};

/** Reads a whole number of 1 or more. */
export const readCount = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return number;
};

/** Reads a port; 0 means any free one. */
export const readPort = (text: string): number => {
  const number = Number(text);
  if (text === '' || !Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('Give a port from 0 (any free one) to 65535.');
  return number;
};

/** Reads `app/workflow`, or `app/schedule`. */
export const readPair = (text: string): readonly [app: string, name: string] => {
  const [app, name, ...rest] = text.split('/');
  if (app === undefined || app === '' || name === undefined || name === '' || rest.length > 0)
    throw new InvalidArgumentError('Write it as app/name, as in booking/book-trip.');
  return [app, name];
};
