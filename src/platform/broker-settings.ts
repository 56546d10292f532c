// What the engine wants of brokers and bookies, each with its reason, in one place: deployments, local brokers, the doctor and tests read it here.

/** A value of a `.conf` file. */
export type SettingValue = string | number | boolean;

/** One setting that the engine wants. */
export interface WantedSetting {
  readonly key: string;
  readonly value: SettingValue;
  /** What happens otherwise. */
  readonly why: string;
}

/** What other values of a setting will do. */
export type Tolerance =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly between: readonly [number, number] }
  | { readonly orNone: { readonly atLeast: number } };

/** A setting of a broker that is looked at where somebody else set it. */
export interface WatchedSetting extends WantedSetting {
  /** With anything else the engine is wrong, not merely slow. */
  readonly isVital?: true;
  /** Only the value itself will do where it is left out. */
  readonly tolerance?: Tolerance;
  /** It matters to this adapter of the bus only. */
  readonly adapter?: 'websocket' | 'native';
}

const MEBIBYTE = 1024 * 1024;

/** Wanted of every broker, and looked at by `starquake doctor`. */
export const watchedSettings: readonly WatchedSetting[] = [
  {
    key: 'webSocketMaxTextFrameSize',
    value: 8 * MEBIBYTE,
    // Texts carry the body in base64: a third more than the largest message, and what is around it.
    tolerance: { atLeast: 7 * MEBIBYTE },
    why: 'A message close to the limit of brokers (maxMessageSize, 5 MiB) does not fit into a text and is refused.',
    adapter: 'websocket',
  },
  {
    key: 'webSocketSessionIdleTimeoutMillis',
    value: 15_000,
    // Connectors let themselves be heard every ten seconds.
    tolerance: { between: [12_000, 60_000] },
    why: 'A WebSocket consumer whose process stands still keeps its partitions for this long.',
    adapter: 'websocket',
  },
  {
    key: 'webSocketPingDurationSeconds',
    // Longer than the session's idle time, which every ping begins anew.
    value: 20,
    tolerance: { between: [16, 60] },
    isVital: true,
    why: 'A connector that is gone before Pulsar answers it leaves a consumer which keeps its partitions for ever: only a ping finds it out.',
    adapter: 'websocket',
  },
  {
    key: 'maxMessageSize',
    value: 5 * MEBIBYTE,
    tolerance: { atLeast: 5 * MEBIBYTE },
    why: 'A large commit does not fit into one message of `history` and is refused.',
  },
  {
    key: 'managedLedgerNewEntriesCheckDelayInMillis',
    value: 0,
    tolerance: { atMost: 1 },
    why: 'A message that finds an idle reader waits for this long, at every step of every run.',
  },
  {
    key: 'activeConsumerFailoverDelayTimeMillis',
    value: 100,
    tolerance: { atMost: 1000 },
    why: 'A partition stands for this long whenever a connector comes or goes; the engine needs no such pause, its commit is the lock.',
  },
  {
    key: 'delayedDeliveryEnabled',
    value: true,
    isVital: true,
    why: 'Every timer comes at once and is held by the timer-service: they fill it, and the rest waits behind them.',
  },
  {
    key: 'delayedDeliveryTickTimeMillis',
    value: 100,
    tolerance: { atMost: 1000 },
    why: 'Timers and retries are late by up to this.',
  },
  {
    key: 'delayedDeliveryMaxDelayInMillis',
    value: 0,
    // The longest delay that the engine asks for, and as much again.
    tolerance: { orNone: { atLeast: 240_000 } },
    isVital: true,
    why: 'The engine delays messages by up to 2 minutes; such a message is refused.',
  },
  {
    key: 'delayedDeliveryFixedDelayDetectionLookahead',
    value: 0,
    tolerance: { atMost: 0 },
    isVital: true,
    why: 'With 50,000 timers pending whose times only grow, `timers` is not read any more until the first of them is due: nearer ones wait.',
  },
  {
    key: 'subscriptionExpirationTimeMinutes',
    value: 0,
    tolerance: { atMost: 0 },
    isVital: true,
    why: 'A subscription that nobody reads for that long is removed, with all that waits in it: messages are lost.',
  },
  {
    key: 'acknowledgmentAtBatchIndexLevelEnabled',
    value: true,
    why: 'A new owner of a partition reads up to 31 messages again.',
    adapter: 'native',
  },
];

/** Wanted of every broker, and harmless enough otherwise that nobody looks at them. */
export const plainSettings: readonly WantedSetting[] = [
  {
    key: 'webSocketServiceEnabled',
    value: true,
    why: 'A connector without the native client has no way in.',
  },
  {
    key: 'allowAutoTopicCreation',
    value: false,
    why: 'A name that is mistyped becomes a topic that nobody reads.',
  },
  {
    key: 'brokerDeleteInactiveTopicsEnabled',
    value: false,
    why: 'A topic that nobody uses for a while is removed.',
  },
  {
    key: 'isDelayedDeliveryDeliverAtTimeStrict',
    value: false,
    why: 'Timers come up to two ticks late instead of up to one early; the engine holds what comes early.',
  },
];

/** Wanted of the brokers of a cluster, where one is lost while the others go on. */
export const clusterSettings: readonly WantedSetting[] = [
  {
    key: 'metadataStoreSessionTimeoutMillis',
    value: 6000,
    why: 'The partitions of a broker that was lost stand still for this long; with the usual 30 s, clients give their sends up before.',
  },
  {
    key: 'bookkeeperClientTimeoutInSeconds',
    value: 5,
    why: 'Reading from a bookie that was lost waits for this long before the other copy is asked.',
  },
  {
    key: 'dispatcherReadFailureBackoffInitialTimeInMs',
    value: 500,
    why: 'A subscription pauses for this long after a read that failed; with the usual 15 s the loss of a bookie is felt long after it.',
  },
  {
    key: 'dispatcherReadFailureBackoffMaxTimeInMs',
    value: 2000,
    why: 'The longest of those pauses.',
  },
  {
    key: 'keepAliveIntervalSeconds',
    value: 5,
    why: 'A consumer whose process stands still keeps its partitions for up to twice this.',
  },
];

/** Wanted of every bookie. */
export const bookieSettings: readonly WantedSetting[] = [
  {
    key: 'journalFlushWhenQueueEmpty',
    value: true,
    why: 'The journal gathers writes for a moment before it flushes them, also when nothing more is on its way.',
  },
];

/** Settings by key, as a `.conf` file holds them. */
export const listValues = (...lists: readonly (readonly WantedSetting[])[]): Readonly<Record<string, SettingValue>> =>
  Object.fromEntries(lists.flat().map(({ key, value }) => [key, value]));
