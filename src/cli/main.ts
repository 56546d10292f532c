#!/usr/bin/env node
// The `starquake` command: gives the program the real terminal, and ends with the exit code that scripts rely on.
import { answerError } from './terminal/answer.ts';
import { createProgram } from './create-program.ts';
import { exitCodes, findExitCode, type ExitCode } from './terminal/exit-codes.ts';
import type { Terminal } from './terminal/terminal.ts';

const readInput = async (): Promise<string> => {
  let input = '';
  process.stdin.setEncoding('utf8');
  for await (const part of process.stdin) input += String(part);
  return input;
};

const onInterrupt = (listener: () => void): (() => void) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, listener);
  };
};

const run = async (): Promise<ExitCode> => {
  let code: ExitCode = exitCodes.ok;
  const terminal: Terminal = {
    write: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
    isWatched: process.stderr.isTTY,
    readInput,
    environment: process.env,
    url: process.env['STARQUAKE_URL'] ?? 'http://127.0.0.1:4400',
    endWith: (wanted) => void (code = wanted),
    quit: (wanted) => process.exit(wanted),
    onInterrupt,
  };
  try {
    await createProgram(terminal).parseAsync(process.argv);
    return code;
  } catch (error) {
    answerError(terminal, process.argv.includes('--json'), error);
    return findExitCode(error);
  }
};

const code = await run();
// A client library that leaves a thread running keeps nobody waiting.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
