// Puts all commands together.
import { Command } from 'commander';
import { addDemoCommand } from './demo-command.ts';
import { addDevCommand } from './dev-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { exitCodesHelp } from './terminal/exit-codes.ts';
import { addKeysCommands } from './keys-command.ts';
import { addManifestCommand } from './manifest-command.ts';
import { addPlanCommand } from './plan-command.ts';
import { addPulsarCommands } from './pulsar-command.ts';
import { addNewCommand } from './new-command.ts';
import { readVersion } from '../connector/service/read-version.ts';
import { addRequestCommands } from './request-commands.ts';
import { addRunCommands } from './run-commands.ts';
import { addScheduleCommands } from './schedule-commands.ts';
import type { Terminal } from './terminal/terminal.ts';
import { addTopicsCommands } from './topics-command.ts';

/** The command line of `starquake`; errors are thrown, nothing ends the process. */
export const createProgram = (terminal: Terminal): Command => {
  const program = new Command('starquake')
    .description('Event-driven workflow orchestration.')
    .version(readVersion(), '-v, --version', 'show which release this is')
    .option('--json', 'answer with one JSON document on stdout')
    .option('--url <url>', 'where the API is (or STARQUAKE_URL)', terminal.url)
    .configureHelp({ showGlobalOptions: true })
    // Errors are thrown and answered like all others.
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.complain(text),
      outputError: () => undefined,
    })
    .exitOverride()
    .showSuggestionAfterError();
  addDevCommand(program, terminal);
  addDemoCommand(program, terminal);
  addRunCommands(program, terminal);
  addRequestCommands(program, terminal);
  addScheduleCommands(program, terminal);
  addManifestCommand(program, terminal);
  addPlanCommand(program, terminal);
  addNewCommand(program, terminal);
  addPulsarCommands(program, terminal);
  addTopicsCommands(program, terminal);
  addKeysCommands(program, terminal);
  addDoctorCommand(program, terminal, async () => (await import('./compose.ts')).doctorPieces);
  program.addHelpText('afterAll', exitCodesHelp);
  return program;
};
