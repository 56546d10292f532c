// Publishes what a commit promises: letters and near timers on the bus, far timers in the timer store (rules 4, 17).
import type { Outbox } from '../../engine/outbox/derivation.ts';
import type { Due } from '../../protocol/messages.ts';
import { topics } from '../../protocol/topics.ts';
import type { OutgoingMessage } from '../../ports/bus.ts';
import type { ConnectorContext } from './context.ts';

/** A due message on its way to `timers`: near ones are held by the timer-service, so they are not delayed on the bus. */
export const writeDue = (due: Due, now: number, holdMs: number): OutgoingMessage => ({
  topic: topics.timers.name,
  key: due.key,
  id: due.id,
  body: JSON.stringify(due),
  ...(due.dueAt - now > holdMs && { deliverAt: due.dueAt }),
});

const mark = (message: OutgoingMessage, again: boolean): OutgoingMessage => (again ? { ...message, again } : message);

/** Publishes messages that are due later: what is near on the bus, what is far in the timer store, and what has come near meanwhile on both. */
export const publishDues = async (
  { ports, settings, calls }: ConnectorContext,
  dues: readonly Due[],
  letters: readonly OutgoingMessage[] = [],
  again = false,
): Promise<void> => {
  const { callTimeoutMs, timerHorizonMs, timerHoldMs } = settings;
  const isNear = (due: Due): boolean => due.dueAt - ports.clock.now() <= timerHorizonMs;
  const publish = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    if (messages.length > 0)
      await calls.within('publishing', callTimeoutMs, () => ports.bus.publish(messages, { timeoutMs: callTimeoutMs }));
  };
  const far = dues.filter((due) => !isNear(due));
  const near = dues.filter((due) => isNear(due)).map((due) => mark(writeDue(due, ports.clock.now(), timerHoldMs), again));
  const putting =
    far.length > 0 ? calls.within('putting timers', callTimeoutMs, () => ports.timers.put(far, { timeoutMs: callTimeoutMs })) : undefined;
  await Promise.all([publish([...letters, ...near]), putting]);
  const come = far.filter(isNear);
  if (come.length > 0) await publish(come.map((due) => writeDue(due, ports.clock.now(), timerHoldMs)));
};

/**
 * Publishes an outbox until every part of it was answered.
 *
 * @param again - it may have been published before
 * @param isWanted - gives up once false: the partition is lost
 * @returns whether all of it was answered
 */
export const publishOutbox = async (
  context: ConnectorContext,
  outbox: Outbox,
  again: boolean,
  isWanted: () => boolean,
): Promise<boolean> => {
  const { calls, settings } = context;
  const publishOnce = async (repeated: boolean): Promise<true> => {
    await publishDues(
      context,
      outbox.dues,
      outbox.letters.map((letter) => mark(letter, again || repeated)),
    );
    return true;
  };
  return (await calls.untilDone('publishing an outbox', settings.callTimeoutMs * 3, publishOnce, isWanted)) ?? false;
};
