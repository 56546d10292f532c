// Makes the topics of a namespace as they are defined, or says what that would change.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleApp } from '../bundle/bundle-app.ts';
import { jobTopic, type TopicDefinition } from '../protocol/topics.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { openTopicAdministration } from './compose.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import { findEntries } from './find-entries.ts';
import { requirePulsarOptions } from './options/pulsar-options.ts';
import { withProgress, type Terminal } from './terminal/terminal.ts';

/** Options of `topics apply`, beside those of every command that speaks to a Pulsar. */
export interface TopicsOptions extends GlobalOptions {
  readonly dryRun?: boolean;
}

const listJobTopics = async (entries: readonly string[]): Promise<readonly TopicDefinition[]> => {
  const outDir = await mkdtemp(join(tmpdir(), 'starquake-topics-'));
  try {
    const bundles = await Promise.all(entries.map((entry, i) => bundleApp(entry, { outDir: join(outDir, String(i)) })));
    return bundles.flatMap(({ manifest: { app, jobs } }) => jobs.map(({ name }) => jobTopic(app, name)));
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
};

/**
 * What `starquake topics apply` does.
 *
 * @throws APP_INVALID, BUNDLE_FAILED, BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, SETTINGS_INVALID, STORE_FAILED
 * @throws TOPIC_FIXED when a topic would have to be partitioned anew; nothing is changed then
 */
export const runTopicsApply = async (terminal: Terminal, named: readonly string[], options: TopicsOptions): Promise<void> => {
  const pulsar = requirePulsarOptions(options, terminal);
  const { dryRun = false } = options;
  const jobs = named.length === 0 ? [] : await listJobTopics(findEntries(named));
  const administration = openTopicAdministration(pulsar);
  const changes = await withProgress(terminal, `looking at ${pulsar.access.webUrl} …`, () =>
    dryRun ? administration.plan(jobs) : administration.apply(jobs),
  );
  if (dryRun && changes.length > 0) terminal.endWith(exitCodes.failed);
  const namespace = `${pulsar.access.tenant}/${pulsar.access.namespace}`;
  answer(terminal, options, { namespace, dryRun, changes }, () => {
    if (changes.length === 0) return `${namespace}: nothing to change.`;
    const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
    return [...changes.map(({ text }) => text), `${namespace}: ${count} ${dryRun ? 'to make; nothing was changed' : 'made'}.`].join('\n');
  });
};
