// Paths of partitions in Pulsar's WebSocket service.
import type { PulsarAccess } from '../pulsar-admin/pulsar-access.ts';
import type { PartitionAddress } from '../pulsar/transport.ts';

/** The path, after `/ws/v2/`, of something that is done with a partition. */
export const makePath = (
  role: 'producer' | 'consumer' | 'reader',
  { tenant, namespace }: PulsarAccess,
  { topic, partition }: PartitionAddress,
  query: Readonly<Record<string, string | number | boolean>>,
  subscription?: string,
): string => {
  const place = `persistent/${tenant}/${namespace}/${encodeURIComponent(`${topic}-partition-${partition}`)}`;
  const reader = subscription === undefined ? '' : `/${encodeURIComponent(subscription)}`;
  const values = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${role}/${place}${reader}?${values.join('&')}`;
};
