// Knows how many partitions each topic has: from its definition where this process declared it, else from Pulsar itself.
import { StarquakeError } from '../../protocol/starquake-error.ts';
import type { TopicDefinition, TopicKind } from '../../protocol/topics.ts';
import { applyTopics } from './apply-topics.ts';
import type { NamespaceSettings } from './plan-topics.ts';
import type { PulsarAdmin } from './pulsar-admin.ts';

/** What is known of a topic. */
export interface KnownTopic {
  readonly name: string;
  readonly partitions: number;
  /** Unknown of a topic that another process declared. */
  readonly kind?: TopicKind;
}

/** The topics of a namespace, as a bus meets them. */
export class TopicDirectory {
  readonly #admin: PulsarAdmin;
  readonly #settings: NamespaceSettings | undefined;
  readonly #known = new Map<string, KnownTopic>();

  /** @param settings - of the namespace, applied with every declaration */
  constructor(admin: PulsarAdmin, settings?: NamespaceSettings) {
    this.#admin = admin;
    this.#settings = settings;
  }

  /** Makes what is missing. @throws TOPIC_FIXED, BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED */
  async declare(topics: readonly TopicDefinition[], timeoutMs: number): Promise<void> {
    const missing = topics.filter(({ name, kind, partitions }) => {
      const known = this.#known.get(name);
      return known?.kind !== kind || known.partitions !== partitions;
    });
    if (missing.length === 0) return;
    await applyTopics(this.#admin, missing, timeoutMs, this.#settings);
    for (const { name, kind, partitions } of missing) this.#known.set(name, { name, kind, partitions });
  }

  /** A topic that is known already. */
  peek(name: string): KnownTopic | undefined {
    return this.#known.get(name);
  }

  /** Finds a topic. @throws STORE_FAILED when there is none of that name; BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT */
  async find(name: string, timeoutMs: number): Promise<KnownTopic> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const partitions = await this.#admin.countPartitions(name, timeoutMs);
    if (partitions === undefined) {
      throw new StarquakeError('STORE_FAILED', `The topic ${name} does not exist.`, {
        hint: 'Declare it first; the connector makes all topics when it starts, and those of an app when it takes the app up.',
      });
    }
    const found = { name, partitions };
    this.#known.set(name, found);
    return found;
  }
}
