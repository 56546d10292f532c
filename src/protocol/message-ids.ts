// The keys that make each message count once: pure functions of what the message is about (the table in protocol.md).
import type { InboxMessage } from './messages.ts';

/**
 * Names an inbox message within its run: two messages of the same id say the same thing.
 *
 * @param message - a message addressed to a run
 * @example
 * identifyMessage({ type: 'TimerFired', v: 1, run: 'r', epoch: 0, timer: 8 }); // '0/timer/8'
 */
export const identifyMessage = (message: InboxMessage): string => {
  switch (message.type) {
    case 'JobSucceeded':
    case 'JobFailed':
    case 'JobHeld':
    case 'JobCanceled':
      return `${message.epoch}/job/${message.job}/${message.generation}/${message.type}`;
    case 'TimerFired':
      return `${message.epoch}/timer/${message.timer}`;
    case 'ChildClosed':
      return `${message.epoch}/child/${message.child}/${message.generation}`;
    case 'Wake':
      return `wake/${message.version}/${message.cause}`;
    case 'Archive':
      return `archive/${message.closing}`;
    default:
      return `request/${message.requestId}`;
  }
};

/** The part of an attempt's identity that a claim is kept under: a job of a run. */
export const identifyAttempt = (attempt: { epoch: number; run: string; job: number; generation: number; number: number }): string =>
  `${attempt.epoch}/${attempt.run}/attempt/${attempt.job}/${attempt.generation}/${attempt.number}`;

/**
 * The key under which a job's effect may happen once: the same for all attempts of a job, and for an administrator's retry
 * unless that asked for a new key (rule 12).
 */
export const deriveIdempotencyKey = (attempt: { epoch: number; run: string; job: number; keyGeneration: number }): string =>
  attempt.keyGeneration === 1
    ? `${attempt.epoch}/${attempt.run}/${attempt.job}`
    : `${attempt.epoch}/${attempt.run}/${attempt.job}/${attempt.keyGeneration}`;
