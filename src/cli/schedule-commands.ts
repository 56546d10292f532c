// The commands about schedules.
import type { Command } from 'commander';
import { createClient } from '../client/index.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { printSchedules } from './print-run.ts';
import { readPair } from './options/read-options.ts';
import type { Terminal } from './terminal/terminal.ts';

const orders = [
  ['pause', 'start no more runs', 'paused'],
  ['resume', 'start runs again', 'resumed'],
  ['trigger', 'start a run now', 'triggered'],
] as const;

/** Adds `schedule list|pause|resume|trigger`. */
export const addScheduleCommands = (program: Command, terminal: Terminal): void => {
  const schedule = program
    .command('schedule')
    .summary('list, pause, resume or trigger schedules')
    .description('Schedules start runs at set times.');

  schedule
    .command('list')
    .summary('list schedules')
    .description('Lists schedules.')
    .option('--app <app>', 'of this app')
    .action(async ({ app }: { app?: string }, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const schedules = await createClient(options).listSchedules(app);
      answer(terminal, options, { schedules }, () => printSchedules(schedules));
    });

  for (const [order, summary, done] of orders) {
    schedule
      .command(order)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .argument('<app/schedule>', 'which schedule, as in reports/nightly', readPair)
      .action(async ([app, name]: readonly [string, string], _: unknown, command: Command) => {
        const options = command.optsWithGlobals<GlobalOptions>();
        const shown = await createClient(options).orderSchedule(app, name, order);
        answer(terminal, options, shown, () => `${app}/${name}: ${done}.`);
      });
  }
};
