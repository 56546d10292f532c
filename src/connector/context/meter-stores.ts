// Hands to the meter what each call to a store used, and for which runs: wraps the stores once, so that no loop needs to.
import type { CallOptions, Consumption } from '../../ports/clock.ts';
import type { PayloadStore } from '../../ports/payload-store.ts';
import type { Ports } from '../../ports/ports.ts';
import type { RunStore } from '../../ports/run-store.ts';
import type { TimerStore } from '../../ports/timer-store.ts';

type Stores = Pick<Ports, 'runs' | 'timers' | 'payloads'>;

/** Is told what was used, and the runs that share it; none for what is nobody's in particular. */
export type TellUse = (runs: readonly string[], consumption: Consumption) => void;

/** Options whose consumption is told as well. */
const telling = <O extends CallOptions>(options: O, tell: (consumption: Consumption) => void): O => ({
  ...options,
  onConsumed: (consumption: Consumption): void => {
    tell(consumption);
    options.onConsumed?.(consumption);
  },
});

const meterRuns = (runs: RunStore, forRun: <O extends CallOptions>(run: string, options: O) => O): RunStore => ({
  load: (run, options) => runs.load(run, forRun(run, options)),
  append: (commit, text, options) => runs.append(commit, text, forRun(commit.run, options)),
  readSummary: (run, options) => runs.readSummary(run, forRun(run, options)),
  claim: (request, options) => runs.claim(request, forRun(request.run, options)),
  readClaim: (key, options) => runs.readClaim(key, forRun(key.run, options)),
  finishClaim: (request, options) => runs.finishClaim(request, forRun(request.run, options)),
  prune: (run, belowVersion, now, options) => runs.prune(run, belowVersion, now, forRun(run, options)),
});

const meterTimers = (timers: TimerStore, tell: TellUse): TimerStore => {
  const forDues = (dues: readonly { readonly key: string }[], options: CallOptions): CallOptions => {
    const runs = dues.map(({ key }) => key);
    return telling(options, (consumption) => tell(runs, consumption));
  };
  return {
    put: (dues, options) => timers.put(dues, forDues(dues, options)),
    remove: (dues, options) => timers.remove(dues, forDues(dues, options)),
    // Looking is done for all, and mostly in vain; what was found shares what finding it took.
    readDue: async (upTo, limit, options) => {
      const used: Consumption[] = [];
      const dues = await timers.readDue(
        upTo,
        limit,
        telling(options, (consumption) => void used.push(consumption)),
      );
      const runs = dues.map(({ key }) => key);
      for (const consumption of used) tell(runs, consumption);
      return dues;
    },
  };
};

const meterPayloads = (
  payloads: PayloadStore,
  tell: TellUse,
  forRun: <O extends CallOptions>(run: string, options: O) => O,
): PayloadStore => {
  const forNobody = (options: CallOptions): CallOptions => telling(options, (consumption) => tell([], consumption));
  return {
    put: (text, options) => payloads.put(text, forRun(options.run, options)),
    get: (link, options) => payloads.get(link, forNobody(options)),
    makeLink: (link, options) => payloads.makeLink(link, forRun(options.run, options)),
    makeGrant: (options) => payloads.makeGrant(forRun(options.run, options)),
    putArchive: (name, text, options) => payloads.putArchive(name, text, forRun(options.run, options)),
    getArchive: (name, options) => payloads.getArchive(name, forNobody(options)),
  };
};

/** The same stores, whose use is told. */
export const meterStores = ({ runs, timers, payloads }: Stores, tell: TellUse): Stores => {
  const forRun = <O extends CallOptions>(run: string, options: O): O => telling(options, (consumption) => tell([run], consumption));
  return { runs: meterRuns(runs, forRun), timers: meterTimers(timers, tell), payloads: meterPayloads(payloads, tell, forRun) };
};
