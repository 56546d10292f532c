// Finds out why a partition takes no messages: Pulsar lets its publishers wait without a word.
import { z } from 'zod';
import { StarquakeError } from '../../protocol/starquake-error.ts';
import { callAdmin } from '../pulsar-admin/call-admin.ts';
import type { PulsarAccess } from '../pulsar-admin/pulsar-access.ts';
import type { PartitionAddress } from '../pulsar/transport.ts';

const statsSchema = z.object({ backlogSize: z.number(), backlogQuotaLimitSize: z.number().nullish() });

/**
 * What stands in the way of publishing on a partition; undefined where nothing is known to.
 *
 * @throws BUS_REFUSED, BUS_UNREACHABLE, CALL_TIMED_OUT, STORE_FAILED, THROTTLED when Pulsar cannot be asked
 */
export const findObstacle = async (
  access: PulsarAccess,
  { topic, partition }: PartitionAddress,
  timeoutMs: number,
): Promise<StarquakeError | undefined> => {
  const path = `persistent/${access.tenant}/${access.namespace}/${encodeURIComponent(`${topic}-partition-${partition}`)}/stats`;
  const doing = `asking how ${topic}, partition ${partition} is`;
  const { status, value } = await callAdmin(access, { method: 'GET', path, doing, accepts: [404] }, timeoutMs);
  if (status === 404) {
    return new StarquakeError('STORE_FAILED', `The partition ${partition} of the topic ${topic} does not exist.`, {
      hint: 'It was deleted: apply the topics again, which the connector does when it starts.',
    });
  }
  const { backlogSize, backlogQuotaLimitSize } = statsSchema.parse(value);
  if (typeof backlogQuotaLimitSize !== 'number' || backlogQuotaLimitSize <= 0 || backlogSize < backlogQuotaLimitSize) return undefined;
  return new StarquakeError(
    'STORE_FAILED',
    `The backlog quota of ${topic}, partition ${partition} is used up: ${backlogSize} bytes wait unread, the limit is ${backlogQuotaLimitSize}.`,
    { hint: 'See which subscription stands still, or raise the quota. Nothing is dropped: the call is repeated until there is room.' },
  );
};
