// When an attempt may run (rule 12): fresh and unchecked as often as it came fresh, else only under a claim, and never more often than its job's policy has it.
import type { IncomingMessage } from '../../../src/ports/bus.ts';
import { identifyAttempt } from '../../../src/protocol/message-ids.ts';
import type { Attempt } from '../../../src/protocol/messages.ts';
import type { ClaimRequest } from '../../../src/ports/run-store.ts';
import type { JobName } from '../programs/program.ts';

const FRESH_MS = 5000;

/** Attempts in all, by the policies of the simulated app. */
const mostAttempts: Readonly<Record<JobName, number>> = { steady: 10_000, brief: 3, judged: 4, hasty: 5, held: 2, single: 4, undo: 10_000 };

const isJobName = (name: string): name is JobName => Object.hasOwn(mostAttempts, name);

/** Watches the attempts of a world. */
export class AttemptRules {
  readonly #fail: (violation: string) => void;
  /** Times that a process was given an attempt that is no copy, and times that it has used that up. */
  readonly #fresh = new Map<string, number>();
  readonly #claims = new Set<string>();

  constructor(fail: (violation: string) => void) {
    this.#fail = fail;
  }

  /** A process is given a message of a job's queue. */
  noteDelivered(process: string, { id, body, again, redelivered }: IncomingMessage, now: number): void {
    const { commitAt } = JSON.parse(body) as Attempt;
    if (again || redelivered || now - commitAt >= FRESH_MS) return;
    const name = `${process}|${id}`;
    this.#fresh.set(name, (this.#fresh.get(name) ?? 0) + 1);
  }

  /** A process has learnt that its claim was granted. */
  noteClaimed(process: string, request: ClaimRequest): void {
    this.#claims.add(`${process}|${identifyAttempt(request)}`);
  }

  /** A process has a job run. */
  checkInvoked(process: string, attempt: Attempt): void {
    const id = identifyAttempt(attempt);
    if (isJobName(attempt.name) && attempt.number > mostAttempts[attempt.name])
      this.#fail(`${process} runs ${id}, more than ${attempt.name} may be tried`);
    const name = `${process}|${id}`;
    if (this.#claims.delete(name)) return;
    const left = this.#fresh.get(name) ?? 0;
    this.#fresh.set(name, left - 1);
    if (left <= 0 || attempt.number > 1) this.#fail(`${process} runs ${id} without a claim, and it may be a copy`);
  }
}
