// The commands that ask something of a run, a job or a timer.
import type { Command } from 'commander';
import { createClient, type Client, type RunView } from '../client/index.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { readCount, readValue } from './options/read-options.ts';
import type { Terminal } from './terminal/terminal.ts';

interface RequestOptions extends GlobalOptions {
  readonly requestId?: string;
  readonly reason?: string;
  readonly newKey?: boolean;
  readonly value?: string;
  readonly output?: string;
}

type Named = { readonly requestId?: string };

/** Adds `signal`, `cancel`, `terminate`, `pause`, `resume`, `retry`, `fire-timer` and `job ...`. */
export const addRequestCommands = (program: Command, terminal: Terminal): void => {
  /** Sends a request and says what became of it. */
  const ask = async (
    command: Command,
    done: string,
    send: (client: Client, options: RequestOptions, named: Named) => Promise<RunView>,
  ): Promise<void> => {
    const options = command.optsWithGlobals<RequestOptions>();
    const named = options.requestId === undefined ? {} : { requestId: options.requestId };
    const run = await send(createClient(options), options, named);
    answer(terminal, options, run, () => `${run.runId}: ${done}; it is ${run.status} now.`);
  };

  addCommand(program, 'signal', 'send a signal to a run', 'Sends a signal; a run that does not exist yet will find it when it starts.')
    .argument('<signal>', 'name of the signal')
    .option('--value <json>', 'what it carries: JSON, @file or - for stdin')
    .action(async (run: string, signal: string, _: unknown, command: Command) =>
      ask(command, `signal "${signal}" received`, async (client, { value }, named) =>
        client.signal(run, signal, await readValue(terminal, value, '--value'), named),
      ),
    );
  addCommand(program, 'cancel', 'cancel a run', 'Cancels a run: its code cleans up and compensates, then it ends as canceled.')
    .option('--reason <text>', 'why')
    .action(async (run: string, _: unknown, command: Command) =>
      ask(command, 'cancel requested', (client, { reason }, named) => client.cancel(run, reason, named)),
    );
  addCommand(program, 'terminate', 'end a run at once', 'Ends a run at once, without asking its code; nothing is compensated.')
    .option('--reason <text>', 'why')
    .action(async (run: string, _: unknown, command: Command) =>
      ask(command, 'terminated', (client, { reason }, named) => client.terminate(run, reason, named)),
    );
  addCommand(program, 'pause', 'pause a run', 'Stops deciding for a run; what arrives is recorded and waits.').action(
    async (run: string, _: unknown, command: Command) => ask(command, 'paused', (client, __, named) => client.pause(run, named)),
  );
  addCommand(program, 'resume', 'resume a paused run', 'Decides for a paused run again.').action(
    async (run: string, _: unknown, command: Command) => ask(command, 'resumed', (client, __, named) => client.resume(run, named)),
  );
  addCommand(program, 'retry', 'retry a failed run', 'Retries a failed run from what failed; what succeeded is not done again.').action(
    async (run: string, _: unknown, command: Command) => ask(command, 'retried', (client, __, named) => client.retry(run, named)),
  );
  addCommand(program, 'fire-timer', 'fire a timer now', 'Ends a sleep now; `starquake show` tells the number of the timer.')
    .argument('<timer>', 'event number of the timer', readCount)
    .action(async (run: string, timer: number, _: unknown, command: Command) =>
      ask(command, 'timer fired', (client, __, named) => client.fireTimer(run, timer, named)),
    );
  addJobCommands(program, terminal, ask);
};

const addJobCommands = (
  program: Command,
  terminal: Terminal,
  ask: (command: Command, done: string, send: (client: Client, options: RequestOptions, named: Named) => Promise<RunView>) => Promise<void>,
): void => {
  const job = program
    .command('job')
    .summary('retry, cancel or complete a job')
    .description('What an administrator can ask of a job; `starquake show` tells the number of the job.');
  addCommand(job, 'retry', 'attempt a job anew', 'Attempts an open or held job anew.')
    .argument('<job>', 'event number of the job', readCount)
    .option('--new-key', 'give it a new idempotency key: its effect may happen a second time')
    .action(async (run: string, number: number, _: unknown, command: Command) =>
      ask(command, `job ${number} is attempted anew`, (client, { newKey = false }, named) =>
        client.retryJob(run, number, { ...named, newKey }),
      ),
    );
  addCommand(job, 'cancel', 'give a job up', 'Gives a job up; the workflow sees it as canceled.')
    .argument('<job>', 'event number of the job', readCount)
    .action(async (run: string, number: number, _: unknown, command: Command) =>
      ask(command, `job ${number} canceled`, (client, __, named) => client.cancelJob(run, number, named)),
    );
  addCommand(job, 'complete', 'say what a job came to', 'Completes a job with an output, as if it had been done.')
    .argument('<job>', 'event number of the job', readCount)
    .option('--output <json>', 'its output: JSON, @file or - for stdin')
    .action(async (run: string, number: number, _: unknown, command: Command) =>
      ask(command, `job ${number} completed`, async (client, { output }, named) =>
        client.completeJob(run, number, await readValue(terminal, output, '--output'), named),
      ),
    );
};

const addCommand = (parent: Command, name: string, summary: string, description: string): Command =>
  parent
    .command(name)
    .summary(summary)
    .description(description)
    .argument('<run>', 'run id')
    .option('--request-id <id>', 'names the request; sent again, it counts once');
