// The one list of topics: their names, kinds and policies; both bus administration and every reader take them from here.

/** Whether a topic is read in order by key (stream) or shared out (queue). */
export type TopicKind = 'stream' | 'queue';

/** What is set on a topic when it is made. */
export interface TopicDefinition {
  readonly name: string;
  readonly kind: TopicKind;
  readonly partitions: number;
  /** Kept after being read, and offloaded: forever, or not at all. */
  readonly retained: boolean;
  readonly delayed: boolean;
}

/** Partitions of `inbox` unless settings say otherwise; fixed for the life of a namespace (rule 4). */
export const INBOX_PARTITIONS = 64;

/** Topics that every namespace has. `jobs.<app>.<name>` come with their app. */
export const topics = {
  inbox: { name: 'inbox', kind: 'stream', partitions: INBOX_PARTITIONS, retained: false, delayed: false },
  retries: { name: 'retries', kind: 'queue', partitions: 1, retained: false, delayed: false },
  timers: { name: 'timers', kind: 'queue', partitions: 1, retained: false, delayed: true },
  history: { name: 'history', kind: 'stream', partitions: 4, retained: true, delayed: false },
  usage: { name: 'usage', kind: 'stream', partitions: 1, retained: true, delayed: false },
  deadLetters: { name: 'dead-letters', kind: 'queue', partitions: 1, retained: true, delayed: false },
} as const satisfies Record<string, TopicDefinition>;

/**
 * The queue of one job.
 *
 * @example
 * jobTopic('booking', 'book-flight').name; // 'jobs.booking.book-flight'
 */
export const jobTopic = (app: string, job: string): TopicDefinition => ({
  name: `jobs.${app}.${job}`,
  kind: 'queue',
  partitions: 1,
  retained: false,
  delayed: false,
});

/** Names of the subscriptions, which never change: with another name the reading position is lost. */
export const subscriptions = {
  orchestrator: 'orchestrator',
  jobManager: 'job-manager',
  jobRetry: 'job-retry',
  timerService: 'timer-service',
  query: 'query',
} as const;
