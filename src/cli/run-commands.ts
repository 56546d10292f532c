// The commands that start, show and list runs.
import { Option, type Command } from 'commander';
import { createClient, type RunView } from '../client/index.ts';
import { RUN_STATUSES } from '../protocol/commit.ts';
import { toMilliseconds, type Duration } from '../sdk/duration.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { exitCodes, type ExitCode } from './terminal/exit-codes.ts';
import { formatSpan, formatValue } from './terminal/format.ts';
import { printList, printRun } from './print-run.ts';
import { collectTag, readCount, readPair, readValue } from './options/read-options.ts';
import { withProgress, type Terminal } from './terminal/terminal.ts';

interface StartOptions extends GlobalOptions {
  readonly input?: string;
  readonly runId?: string;
  readonly tag?: Record<string, string>;
  readonly deployment?: string;
  readonly requestId?: string;
  readonly wait?: boolean;
  readonly timeout?: Duration;
}

/** Adds `start`, `await`, `show` and `list`. */
export const addRunCommands = (program: Command, terminal: Terminal): void => {
  program
    .command('start')
    .summary('start a run')
    .description('Starts a run of a workflow and prints its run id; with --wait, its result.')
    .argument('<app/workflow>', 'which workflow, as in booking/book-trip', readPair)
    .option('-i, --input <json>', 'its input: JSON, @file or - for stdin')
    .option('--run-id <id>', 'names the run; starting the same again is harmless')
    .option('-t, --tag <name=value>', 'tags it (may be given more than once)', collectTag)
    .option('--deployment <name>', 'start it on this deployment instead of the newest')
    .option('--request-id <id>', 'names the request; sent again, it counts once')
    .option('-w, --wait', 'wait for the result')
    .option('--timeout <duration>', "wait at most this long, as in '30s'")
    .action(async ([app, name]: readonly [string, string], options: StartOptions, command: Command) =>
      startRun(terminal, app, name, { ...command.optsWithGlobals<StartOptions>(), ...options }),
    );

  program
    .command('await')
    .summary('wait for a run to end')
    .description('Waits for a run, whoever started it, and prints its result.')
    .argument('<run>', 'run id')
    .option('--timeout <duration>', "wait at most this long, as in '30s'")
    .action(async (runId: string, _: unknown, command: Command) => awaitRun(terminal, runId, command.optsWithGlobals<StartOptions>()));

  program
    .command('show')
    .summary('show a run')
    .description('Shows the state of a run and what it waits for.')
    .argument('<run>', 'run id')
    .option('--history', 'show every event too')
    .action(async (runId: string, { history = false }: { history?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const run = await createClient(options).show(runId, { history });
      answer(terminal, options, run, () => printRun(run));
    });

  program
    .command('list')
    .summary('list runs')
    .description('Lists runs, newest first.')
    .option('--app <app>', 'of this app')
    .option('--workflow <workflow>', 'of this workflow')
    .addOption(new Option('--status <status>', 'in this state').choices([...RUN_STATUSES]))
    .option('-t, --tag <name=value>', 'with this tag (may be given more than once)', collectTag)
    .option('--limit <count>', 'how many', readCount, 50)
    .option('--cursor <cursor>', 'the next page, as the last one said')
    .action(async ({ tag, ...filter }: { tag?: Record<string, string>; limit: number }, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const page = await createClient(options).list({ ...filter, ...(tag && { tags: tag }) });
      answer(terminal, options, page, () => printList(page));
    });
};

const startRun = async (terminal: Terminal, app: string, name: string, options: StartOptions): Promise<void> => {
  const { runId, tag, deployment, requestId, wait = false } = options;
  const input = await readValue(terminal, options.input, '--input');
  const run = await createClient(options).start({ app, name }, input, {
    ...(runId !== undefined && { runId }),
    ...(tag && { tags: tag }),
    ...(deployment !== undefined && { deployment }),
    ...(requestId !== undefined && { requestId }),
  });
  if (wait) return await awaitRun(terminal, run.runId, options);
  answer(terminal, options, { runId: run.runId }, () => run.runId);
};

const awaitRun = async (terminal: Terminal, runId: string, options: StartOptions): Promise<void> => {
  const timeoutMs = options.timeout === undefined ? undefined : toMilliseconds(options.timeout);
  const client = createClient(options);
  const run = await withProgress(terminal, `waiting for ${runId} …`, () =>
    client.await(runId, timeoutMs === undefined ? {} : { timeoutMs }),
  );
  answer(terminal, options, run, () => printResult(run));
  terminal.endWith(judge(run));
};

const printResult = (run: RunView): string => {
  if (run.outcome !== 'completed') return printRun(run);
  return `${run.runId} completed in ${formatSpan((run.closedAt ?? run.createdAt) - (run.startedAt ?? run.createdAt))}\n${formatValue(run.output, 100_000)}`;
};

/** A run that was shown is no success for a script unless it completed. */
const judge = ({ outcome }: RunView): ExitCode => {
  if (outcome === undefined) return exitCodes.unreachable;
  return outcome === 'completed' ? exitCodes.ok : exitCodes.failed;
};
