// `starquake dev`: a whole engine in this process, durable on disk, until it is interrupted.
import type { Command } from 'commander';
import { addPulsarOptions } from './options/pulsar-options.ts';
import { readPort } from './options/read-options.ts';
import type { DevOptions } from './run-dev.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `dev`. */
export const addDevCommand = (program: Command, terminal: Terminal): void => {
  const dev = program
    .command('dev')
    .summary('run a whole engine here')
    .description(
      'Runs apps in this process, durable on disk, with the HTTP API; builds an app again when its files change. Ctrl-C drains and ends it, and runs go on when it is started again. With --pulsar a Pulsar carries the messages; its namespace and the data folder belong together then.',
    )
    .argument('[entry...]', 'files that export an app as default (default: workflows/booking/app.ts, app.ts or src/app.ts)')
    .option('-p, --port <port>', 'port of the API; 0 takes any free one', readPort, 4400)
    .option('--host <address>', 'address that the API listens on', '127.0.0.1')
    .option('--data <folder>', 'where everything durable is kept', '.starquake')
    .option('--memory', 'keep nothing: for trying things out')
    .option('--isolated', 'run each function in processes of its own, with its memory and timeout, as Lambda does')
    .option('--keys <place>', 'seal everything that is kept and sent with the keys of tenants, as in file:/etc/starquake/keys')
    .option('--demo', 'book a trip once it is up, and tell how it goes');
  addPulsarOptions(dev, { withClient: true }).action(async (entries: string[], _: unknown, command: Command) => {
    // Loaded only here: the commands that speak to a server start faster without the engine.
    const { runDev } = await import('./run-dev.ts');
    await runDev(terminal, entries, command.optsWithGlobals<DevOptions>());
  });
};
