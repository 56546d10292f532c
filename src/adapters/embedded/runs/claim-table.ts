// The claims of attempts that may be copies, and the condition under which one is granted (rule 12).
import type { Claim, ClaimOutcome, ClaimRequest } from '../../../ports/run-store.ts';
import type { Placed } from '../journal/journal-format.ts';

/** Names a claim: one job of one run. */
export type ClaimKey = Pick<ClaimRequest, 'run' | 'epoch' | 'job'>;

/** A claim and where it lies. */
export interface KeptClaim {
  readonly claim: Claim;
  readonly placed: Placed;
  /** It was granted before the folder was opened: whoever held it is gone, and its lease with it. */
  readonly inherited: boolean;
}

/** Above zero when the request comes later in the job's life than the claim, zero for the same attempt. */
const compareAttempts = (request: Pick<ClaimRequest, 'generation' | 'number'>, standing: Claim): number =>
  request.generation - standing.generation || request.number - standing.number;

/** Whether a request is granted over the claim that stands. */
export const judgeClaim = (request: ClaimRequest, kept: KeptClaim | undefined): ClaimOutcome => {
  if (kept === undefined) return { kind: 'granted' };
  const { claim: standing, inherited } = kept;
  const order = compareAttempts(request, standing);
  const isLeased = !inherited && !standing.finished && standing.claimant !== request.claimant && standing.leaseUntil > request.now;
  const isOver = order < 0 || (order === 0 && standing.finished);
  return isOver || isLeased ? { kind: 'refused', standing } : { kind: 'granted' };
};

/** Whether the claim is the very one that is to be finished. */
export const isSameClaim = (request: Omit<ClaimRequest, 'leaseUntil' | 'now'>, standing: Claim): boolean =>
  compareAttempts(request, standing) === 0 && standing.claimant === request.claimant;

const nameJob = ({ epoch, job }: ClaimKey): string => `${epoch}/${job}`;

/** Claims by run, epoch and job. */
export class ClaimTable {
  readonly #runs = new Map<string, Map<string, KeptClaim>>();

  find(key: ClaimKey): KeptClaim | undefined {
    return this.#runs.get(key.run)?.get(nameJob(key));
  }

  set(key: ClaimKey, kept: KeptClaim): void {
    const claims = this.#runs.get(key.run);
    if (claims === undefined) this.#runs.set(key.run, new Map([[nameJob(key), kept]]));
    else claims.set(nameJob(key), kept);
  }

  /** Removes a run's claims; answers them. */
  drop(run: string): readonly KeptClaim[] {
    const claims = this.#runs.get(run);
    this.#runs.delete(run);
    return [...(claims?.values() ?? [])];
  }
}
