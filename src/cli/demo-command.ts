// `starquake demo`: books trips on an engine of its own, tells how they go, and ends.
import type { Command } from 'commander';
import type { GlobalOptions } from './terminal/answer.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `demo`. */
export const addDemoCommand = (program: Command, terminal: Terminal): void => {
  program
    .command('demo')
    .summary('book a trip and see how it goes')
    .description(
      'Brings an engine up in a folder of its own, books a trip and one whose hotel is full, tells how they go, prints the result as one line of JSON, and ends.',
    )
    .action(async (_: unknown, command: Command) => {
      const { runDemo } = await import('./run-demo.ts');
      await runDemo(terminal, command.optsWithGlobals<GlobalOptions>().json ?? false);
    });
};
