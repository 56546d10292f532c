// Claims of attempts that may be copies: one item each, granted and finished by its condition (rule 12).
import { z } from 'zod';
import type { CallOptions } from '../../ports/clock.ts';
import type { Claim, ClaimOutcome, ClaimRequest } from '../../ports/run-store.ts';
import { keyOf, parseItem } from './commit-items.ts';
import type { DynamoClient, Item } from './dynamo-client.ts';

/** Names a claim: one job of one run. */
export type ClaimKey = Pick<ClaimRequest, 'run' | 'epoch' | 'job'>;

/** Claims are of no use once their run is closed; they go by themselves long after. */
const KEPT_MS = 90 * 24 * 3600_000;

const claimSchema = z.object({
  generation: z.object({ N: z.string() }),
  number: z.object({ N: z.string() }),
  claimant: z.object({ S: z.string() }),
  leaseUntil: z.object({ N: z.string() }),
  finished: z.object({ BOOL: z.boolean() }),
});

const readClaimItem = (item: Item): Claim => {
  const { generation, number, claimant, leaseUntil, finished } = parseItem(claimSchema, item, 'a claim');
  return {
    generation: Number(generation.N),
    number: Number(number.N),
    claimant: claimant.S,
    leaseUntil: Number(leaseUntil.N),
    finished: finished.BOOL,
  };
};

const keyOfClaim = ({ run, epoch, job }: ClaimKey): Item => keyOf(run, `k/${epoch}/${job}`);

const toNumber = (value: number) => ({ N: String(value) });

/** No claim of a higher attempt, no finished one of this, no live lease of another; its own counts as none. */
const GRANTABLE = [
  'attribute_not_exists(#item)',
  '((#generation < :generation OR (#generation = :generation AND (#number < :number OR (#number = :number AND #finished = :false))))' +
    ' AND (#finished = :true OR #claimant = :claimant OR #leaseUntil <= :now))',
].join(' OR ');

const OWN = '#generation = :generation AND #number = :number AND #claimant = :claimant';

const nameAttributes = (...names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [`#${name}`, name]));

/** Claims in the runs table. */
export class ClaimItems {
  readonly #client: DynamoClient;
  readonly #table: string;

  constructor(client: DynamoClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** A claim whose answer was lost is granted when it is asked for again: it stands in nobody's way but its own. */
  async claim(request: ClaimRequest, options: CallOptions): Promise<ClaimOutcome> {
    const { generation, number, claimant, leaseUntil, now } = request;
    const outcome = await this.#client.put(
      {
        TableName: this.#table,
        Item: {
          ...keyOfClaim(request),
          generation: toNumber(generation),
          number: toNumber(number),
          claimant: { S: claimant },
          leaseUntil: toNumber(leaseUntil),
          finished: { BOOL: false },
          expires: toNumber(Math.ceil((leaseUntil + KEPT_MS) / 1000)),
        },
        ConditionExpression: GRANTABLE,
        ExpressionAttributeNames: nameAttributes('item', 'generation', 'number', 'claimant', 'leaseUntil', 'finished'),
        ExpressionAttributeValues: {
          ':generation': toNumber(generation),
          ':number': toNumber(number),
          ':claimant': { S: claimant },
          ':now': toNumber(now),
          ':true': { BOOL: true },
          ':false': { BOOL: false },
        },
      },
      { ...options, operation: 'claim' },
    );
    return outcome.kind === 'written' ? { kind: 'granted' } : { kind: 'refused', standing: readClaimItem(outcome.standing) };
  }

  async read(key: ClaimKey, options: CallOptions): Promise<Claim | undefined> {
    const item = await this.#client.get(this.#table, keyOfClaim(key), { ...options, operation: 'readClaim' });
    return item && readClaimItem(item);
  }

  async finish(request: Omit<ClaimRequest, 'leaseUntil' | 'now'>, options: CallOptions): Promise<boolean> {
    const { generation, number, claimant } = request;
    const outcome = await this.#client.update(
      {
        TableName: this.#table,
        Key: keyOfClaim(request),
        UpdateExpression: 'SET #finished = :true',
        ConditionExpression: OWN,
        ExpressionAttributeNames: nameAttributes('generation', 'number', 'claimant', 'finished'),
        ExpressionAttributeValues: {
          ':generation': toNumber(generation),
          ':number': toNumber(number),
          ':claimant': { S: claimant },
          ':true': { BOOL: true },
        },
      },
      { ...options, operation: 'finishClaim' },
    );
    return outcome.kind === 'written';
  }
}
