// Makes every invocation a ledger entry on `usage`, many to a message; an entry is also the notice that an attempt ended.
import { priceInvocation } from '../../cost/price-invocation.ts';
import type { LedgerEntry } from '../../protocol/ledger-entry.ts';
import { topics } from '../../protocol/topics.ts';
import type { InvocationReport } from '../../ports/functions.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Calls } from './calls.ts';
import type { ConnectorSettings } from './settings.ts';

/** What an invocation was for. */
export type Invocation = Pick<LedgerEntry, 'function' | 'kind' | 'app' | 'outcome' | 'runs'> & {
  readonly attempt?: LedgerEntry['attempt'] & object;
};

/** Keeps the ledger. */
export interface Meter {
  /** Enters an invocation; published within the usage interval. */
  record(invocation: Invocation, report: InvocationReport): void;
  /** Publishes what is left. */
  flush(): Promise<void>;
}

const ENTRIES_PER_MESSAGE = 500;

/** Makes the meter of a connector. */
export const createMeter = ({ bus, clock, newId, telemetry }: Ports, settings: ConnectorSettings, calls: Calls): Meter => {
  let entries: LedgerEntry[] = [];
  let scheduled = false;

  const flush = async (): Promise<void> => {
    scheduled = false;
    const taken = entries;
    entries = [];
    for (let from = 0; from < taken.length; from += ENTRIES_PER_MESSAGE) {
      const body = JSON.stringify({ v: settings.writeVersion, entries: taken.slice(from, from + ENTRIES_PER_MESSAGE) });
      const message = { topic: topics.usage.name, key: taken[from]?.function ?? '', id: newId(), body };
      await calls.untilDone('publishing ledger entries', settings.callTimeoutMs, (again) =>
        bus.publish([{ ...message, again }], { timeoutMs: settings.callTimeoutMs }),
      );
    }
  };

  return {
    record: (invocation, report) => {
      const listCost = priceInvocation(report);
      entries.push({ v: settings.writeVersion, at: clock.now(), ...invocation, ...report, listCost });
      telemetry?.count('starquake_list_cost_dollars', Number(listCost), { kind: invocation.kind, app: invocation.app });
      if (invocation.kind === 'decision') telemetry?.measure('starquake_decision_batch', invocation.runs.length);
      if (scheduled) return;
      scheduled = true;
      clock.setTimer(clock.now() + settings.usageIntervalMs, () => void flush());
    },
    flush,
  };
};
