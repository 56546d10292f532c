// Where a Pulsar of this machine lies, unless it is told to lie elsewhere.

/** Data and log of the broker. */
export const LOCAL_DATA = '.starquake/pulsar/local';

/** Distributions that were fetched: every local broker may use them. */
export const FETCHED_DISTRIBUTIONS = '.starquake/pulsar';
