// Gathers what each run uses of the stores, so that one ledger entry tells of many calls.
import type { StoreUse } from '../../cost/price-store-use.ts';
import type { Consumption } from '../../ports/clock.ts';

/** Shares are whole numbers of these, so that they add up to what was shared. */
const PARTS_PER_UNIT = 1_000_000;

type Parts = { -readonly [K in keyof StoreUse]: number };

/** The price list knows units of tables and requests of buckets. */
const sortUse = ({ operation, readUnits, writeUnits }: Consumption): StoreUse =>
  operation.startsWith('s3.')
    ? { readUnits: 0, writeUnits: 0, gets: readUnits, puts: writeUnits }
    : { readUnits, writeUnits, gets: 0, puts: 0 };

const kinds = ['readUnits', 'writeUnits', 'gets', 'puts'] as const;

/** What was used since it was taken last, by run. */
export class StoreUses {
  readonly #byRun = new Map<string, Parts>();

  get isEmpty(): boolean {
    return this.#byRun.size === 0;
  }

  /** Adds what a call used that was made for these runs; for nobody's in particular when there are none. */
  add(runs: readonly string[], consumption: Consumption): void {
    const use = sortUse(consumption);
    const shared = runs.length === 0 ? [''] : runs;
    for (const kind of kinds) {
      const parts = Math.round(use[kind] * PARTS_PER_UNIT);
      if (parts === 0) continue;
      const share = Math.floor(parts / shared.length);
      shared.forEach((run, index) => (this.#find(run)[kind] += index === 0 ? parts - share * (shared.length - 1) : share));
    }
  }

  /** All of it, which begins anew. */
  take(): readonly (StoreUse & { readonly run: string })[] {
    const taken = [...this.#byRun].map(([run, { readUnits, writeUnits, gets, puts }]) => ({
      run,
      readUnits: readUnits / PARTS_PER_UNIT,
      writeUnits: writeUnits / PARTS_PER_UNIT,
      gets: gets / PARTS_PER_UNIT,
      puts: puts / PARTS_PER_UNIT,
    }));
    this.#byRun.clear();
    return taken;
  }

  #find(run: string): Parts {
    const known = this.#byRun.get(run) ?? { readUnits: 0, writeUnits: 0, gets: 0, puts: 0 };
    this.#byRun.set(run, known);
    return known;
  }
}
