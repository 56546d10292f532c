// Writes the options that name a Pulsar as they are typed, so that a command in a fix can be copied as it stands.
import { INBOX_PARTITIONS } from '../protocol/topics.ts';
import type { PulsarOptions } from './options/pulsar-options.ts';

const SAFE = /^[\w@%+=:,./-]+$/;
const quote = (text: string): string => (SAFE.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The options that differ from what holds when nothing is given. */
export const writePulsarFlags = ({ access, inboxPartitions, backlogLimitBytes, offloadThresholdBytes }: PulsarOptions): string => {
  const flags: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ['pulsar', access.webUrl],
    ['namespace', `${access.tenant}/${access.namespace}`],
    ['token-file', access.tokenFile],
    ['tls-ca-file', access.tls?.caFile],
    ['tls-cert-file', access.tls?.certFile],
    ['tls-key-file', access.tls?.keyFile],
    ['inbox-partitions', inboxPartitions === INBOX_PARTITIONS ? undefined : inboxPartitions],
    ['backlog-limit', backlogLimitBytes],
    ['offload-threshold', offloadThresholdBytes === -1 ? 'off' : offloadThresholdBytes],
  ];
  return flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quote(String(value))}`])).join(' ');
};
