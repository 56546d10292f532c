// `starquake doctor`: finds what stands still and says what to do about it.
import type { Command } from 'commander';
import type { DoctorPieces } from './doctor/compose-parts.ts';
import type { DoctorOptions } from './run-doctor.ts';
import { addPulsarOptions } from './options/pulsar-options.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * Adds `doctor`.
 *
 * @param loadPieces - loads the adapters that it looks with
 */
export const addDoctorCommand = (program: Command, terminal: Terminal, loadPieces: () => Promise<DoctorPieces>): void => {
  const doctor = program
    .command('doctor')
    .summary('find what is wrong, and what to do about it')
    .description(
      'Looks at each part that it is told of: with --pulsar the brokers, their clocks and settings, the topics and who reads them, quotas, dead letters, offloading; the functions of the apps that are named; the data folder; the API. It changes nothing. It ends with 0 when nothing is wrong.',
    )
    .argument('[entry...]', 'files that export an app as default, to look at its functions and topics')
    .option('--data <folder>', 'data folder of `dev`', '.starquake');
  addPulsarOptions(doctor, { withClient: true }).action(async (entries: string[], _: unknown, command: Command) => {
    const [{ runDoctor }, pieces] = await Promise.all([import('./run-doctor.ts'), loadPieces()]);
    await runDoctor(terminal, entries, command.optsWithGlobals<DoctorOptions>(), pieces);
  });
};
