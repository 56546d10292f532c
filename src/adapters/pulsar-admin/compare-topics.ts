// Tells in words how a namespace differs from its definitions, all of it, also what could not be applied.
import { findHint } from '../../protocol/errors.ts';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { TopicDefinition } from '../../protocol/topics.ts';
import { readPresentState } from './apply-topics.ts';
import { describeChange, planTopics, type NamespaceSettings } from './plan-topics.ts';
import type { PulsarAdmin } from './pulsar-admin.ts';

/** One difference. */
export interface TopicDifference {
  /** For people: what would be made or changed, or why it cannot be. */
  readonly text: string;
  /** What to do where applying the definitions does not help; undefined where it does. */
  readonly hint?: string;
}

/**
 * What applying the definitions would change, and what it would refuse to change.
 *
 * @param timeoutMs - for each call of the admin API
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED
 * @example
 * for (const { text } of await compareTopics(new PulsarAdmin(access), Object.values(topics), 5000)) console.log(text);
 */
export const compareTopics = async (
  admin: PulsarAdmin,
  wanted: readonly TopicDefinition[],
  timeoutMs: number,
  settings?: NamespaceSettings,
): Promise<readonly TopicDifference[]> => {
  const present = await readPresentState(admin, wanted, timeoutMs);
  const ofNamespace = planTopics(present, [], settings).map((change) => ({ text: describeChange(change) }));
  // Topic by topic: one that is fixed hides none of the others.
  const ofTopics = wanted.flatMap((definition): readonly TopicDifference[] => {
    try {
      const changes = planTopics(present, [definition], settings).filter((change) => 'topic' in change);
      return changes.map((change) => ({ text: describeChange(change) }));
    } catch (error) {
      if (!(error instanceof StarquakeError) || error.code !== 'TOPIC_FIXED') throw error;
      return [{ text: `TOPIC_FIXED: ${error.message}`, hint: findHint(error) }];
    }
  });
  return [...ofNamespace, ...ofTopics];
};
