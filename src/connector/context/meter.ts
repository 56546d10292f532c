// Makes every invocation a ledger entry on `usage`, many to a message, which is also the notice that an attempt ended; adds up what stores were used.
import { priceInvocation } from '../../cost/price-invocation.ts';
import { priceStoreUse } from '../../cost/price-store-use.ts';
import type { LedgerEntry, StoreEntry, UsageMessage } from '../../protocol/ledger-entry.ts';
import { topics } from '../../protocol/topics.ts';
import type { InvocationReport } from '../../ports/functions.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Calls } from './calls.ts';
import type { TellUse } from './meter-stores.ts';
import type { ConnectorSettings } from './settings.ts';
import { StoreUses } from './store-use.ts';

/** What an invocation was for. */
export type Invocation = Pick<LedgerEntry, 'function' | 'kind' | 'app' | 'outcome' | 'runs'> & {
  readonly attempt?: LedgerEntry['attempt'] & object;
};

/** Keeps the ledger. */
export interface Meter {
  /** Enters an invocation; published within the usage interval. */
  record(invocation: Invocation, report: InvocationReport): void;
  /** Adds up what the stores were used for these runs; nobody's in particular where there are none. */
  recordUse: TellUse;
  /** Publishes what is left. */
  flush(): Promise<void>;
}

const ENTRIES_PER_MESSAGE = 500;

/** Cuts what there is to tell into messages. */
function* cut(v: number, entries: readonly LedgerEntry[], stores: readonly StoreEntry[]): Generator<UsageMessage> {
  for (let from = 0; from < entries.length; from += ENTRIES_PER_MESSAGE)
    yield { v, entries: entries.slice(from, from + ENTRIES_PER_MESSAGE) };
  for (let from = 0; from < stores.length; from += ENTRIES_PER_MESSAGE)
    yield { v, entries: [], stores: stores.slice(from, from + ENTRIES_PER_MESSAGE) };
}

/** Makes the meter of a connector. */
export const createMeter = ({ bus, clock, newId, telemetry }: Ports, settings: ConnectorSettings, calls: Calls): Meter => {
  const v = settings.writeVersion;
  let entries: LedgerEntry[] = [];
  const uses = new StoreUses();
  let scheduled = false;

  const takeStores = (): readonly StoreEntry[] =>
    uses.take().map((use) => {
      const listCost = priceStoreUse(use);
      telemetry?.count('starquake_list_cost_dollars', Number(listCost), { kind: 'store', app: '' });
      return { v, id: newId(), at: clock.now(), ...use, listCost };
    });

  const flush = async (): Promise<void> => {
    scheduled = false;
    const taken = entries;
    entries = [];
    for (const content of cut(v, taken, uses.isEmpty ? [] : takeStores())) {
      const message = {
        topic: topics.usage.name,
        key: content.entries[0]?.function ?? 'stores',
        id: newId(),
        body: JSON.stringify(content),
      };
      await calls.untilDone('publishing ledger entries', settings.callTimeoutMs, (again) =>
        bus.publish([{ ...message, again }], { timeoutMs: settings.callTimeoutMs }),
      );
    }
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    clock.setTimer(clock.now() + settings.usageIntervalMs, () => void flush());
  };

  return {
    record: (invocation, report) => {
      const listCost = priceInvocation(report);
      entries.push({ v, at: clock.now(), ...invocation, ...report, listCost });
      telemetry?.count('starquake_list_cost_dollars', Number(listCost), { kind: invocation.kind, app: invocation.app });
      if (invocation.kind === 'decision') telemetry?.measure('starquake_decision_batch', invocation.runs.length);
      schedule();
    },
    recordUse: (runs, consumption) => {
      uses.add(runs, consumption);
      // Looking for timers in vain is told along with the next that there is to tell: an idle engine publishes nothing.
      if (runs.length > 0) schedule();
    },
    flush,
  };
};
