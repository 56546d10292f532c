// `starquake topics apply`: the namespace and the topics of a Pulsar, as the engine needs them.
import type { Command } from 'commander';
import type { GlobalOptions } from './terminal/answer.ts';
import { addPulsarOptions } from './options/pulsar-options.ts';
import type { TopicsOptions } from './run-topics-apply.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `topics apply`. */
export const addTopicsCommands = (program: Command, terminal: Terminal): void => {
  const topics = program
    .command('topics')
    .summary('look after the topics of a Pulsar')
    .description('Looks after the namespace and the topics of a Pulsar.');
  const apply = topics
    .command('apply')
    .summary('make them as they are defined')
    .description(
      'Makes tenant, namespace and topics as they are defined, and changes only what differs; nothing is ever taken away. The partitions of a live inbox stay as they are. The engine does the same when it starts; this is for whoever may do what the engine may not.',
    )
    .argument('[entry...]', 'files that export an app as default: topics of its jobs are made too')
    .option('--dry-run', 'only say what would be done; ends with 1 when there is something');
  addPulsarOptions(apply).action(async (entries: string[], _: unknown, command: Command) => {
    const { runTopicsApply } = await import('./run-topics-apply.ts');
    await runTopicsApply(terminal, entries, command.optsWithGlobals<GlobalOptions & TopicsOptions>());
  });
};
