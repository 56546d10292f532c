// Checks that the namespace, its policies and its topics are as they are defined.
import type { TopicDefinition } from '../../protocol/topics.ts';
import type { PulsarPlace } from './doctor-parts.ts';
import { ok, wrong, type Finding } from './finding.ts';
import { listWantedTopics } from './list-wanted-topics.ts';
import { checkOfPulsar } from './pulsar-check.ts';

const WHY = {
  '+': 'It is not there: what publishes to it or reads it waits or fails.',
  '~': 'It differs from its definition, with which alone the engine loses nothing.',
  fixed: 'Applying the definitions is refused as a whole until this is settled.',
};

/** What differences mean. */
export const judgeTopics = (
  differences: readonly { readonly text: string; readonly hint?: string }[],
  wanted: readonly TopicDefinition[],
  entries: readonly string[],
  { tenant, namespace, flags }: PulsarPlace,
): readonly Finding[] => {
  if (differences.length === 0) return [ok(`${wanted.length} topics of ${tenant}/${namespace} and its policies are as defined.`)];
  const apply = ['starquake topics apply', ...entries, flags].join(' ');
  return differences.map(({ text, hint }) => {
    if (hint !== undefined) return { ...wrong(text.replace(/^TOPIC_FIXED: /, ''), WHY.fixed, hint), code: 'TOPIC_FIXED' as const };
    return wrong(`To be done: ${text}`, text.startsWith('+') ? WHY['+'] : WHY['~'], apply);
  });
};

/** Topics and policies. */
export const topicsCheck = checkOfPulsar('topics', async (pulsar, parts) => {
  const apps = await parts.listApps();
  const wanted = listWantedTopics(parts.inboxPartitions, apps);
  const entries = apps.map(({ entry }) => entry);
  return judgeTopics(await pulsar.compareTopics(wanted), wanted, entries, pulsar.place);
});
