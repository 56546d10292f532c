// `starquake pulsar up|down|status`: a Pulsar of one's own, on this machine.
import type { Command } from 'commander';
import { LOCAL_DATA } from './local-folders.ts';
import { readPort } from './options/read-options.ts';
import type { LocalOptions } from './run-pulsar.ts';
import type { Terminal } from './terminal/terminal.ts';

const DATA = ['--data <folder>', "where the broker's data and log are kept", LOCAL_DATA] as const;

/** Adds `pulsar up|down|status`. */
export const addPulsarCommands = (program: Command, terminal: Terminal): void => {
  const pulsar = program
    .command('pulsar')
    .summary('run a Pulsar on this machine')
    .description('Runs the official Pulsar distribution on this machine, standalone, reachable from this machine only.');

  pulsar
    .command('up')
    .summary('bring it up')
    .description(
      'Brings a Pulsar up and waits until it is healthy; it goes on when the command ends. It is taken from PULSAR_HOME, else from the Maven artifact, which is fetched once, else from a container engine. PULSAR_MEM sets its memory. One that is up already stays as it is.',
    )
    .option(...DATA)
    .option('--web-port <port>', 'port of its web service; as the last time, or 8080', readPort)
    .option('--broker-port <port>', 'port of its binary protocol; as the last time, or 6650', readPort)
    .action(async (_: unknown, command: Command) => {
      const { bringUpPulsar } = await import('./run-pulsar.ts');
      await bringUpPulsar(terminal, command.optsWithGlobals<LocalOptions>());
    });

  pulsar
    .command('down')
    .summary('end it')
    .description('Ends the Pulsar that `starquake pulsar up` started, and no other process; its data stays.')
    .option(...DATA)
    .option('--purge', 'remove its data too')
    .action(async (_: unknown, command: Command) => {
      const { takeDownPulsar } = await import('./run-pulsar.ts');
      await takeDownPulsar(terminal, command.optsWithGlobals<LocalOptions>());
    });

  pulsar
    .command('status')
    .summary('see how it is')
    .description('Tells whether the Pulsar is up, where it is and what it holds. Ends with 1 when it is not up.')
    .option(...DATA)
    .action(async (_: unknown, command: Command) => {
      const { showPulsar } = await import('./run-pulsar.ts');
      await showPulsar(terminal, command.optsWithGlobals<LocalOptions>());
    });
};
