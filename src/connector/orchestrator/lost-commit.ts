// Tells what another run sent in a commit that is not there any more: its table was put back to a time before it.
import type { InboxMessage } from '../../protocol/messages.ts';
import type { ConnectorContext } from '../context/context.ts';

/**
 * Whether a message was derived from a commit that was lost in a restore: only one of an older epoch can be, so nothing is read where
 * nothing was restored. The verdict is final: nobody commits in an older epoch any more.
 *
 * @throws STORE_FAILED, CALL_TIMED_OUT
 */
export const isOfLostCommit = async ({ ports, calls, settings }: ConnectorContext, message: InboxMessage): Promise<boolean> => {
  const origin = 'origin' in message ? message.origin : undefined;
  if (origin === undefined || origin.epoch >= settings.epoch) return false;
  const { callTimeoutMs } = settings;
  const commits = await calls.within('looking for the commit of a message', callTimeoutMs, () =>
    ports.runs.load(origin.run, { timeoutMs: callTimeoutMs }),
  );
  const found = commits.find(({ version }) => version === origin.version);
  // An archived run keeps its tombstone only: what it said before stands.
  if (found === undefined) return (commits.at(-1)?.version ?? 0) < origin.version;
  return found.id !== origin.commit;
};
