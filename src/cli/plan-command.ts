// `starquake plan`: which size to choose for a load, how many machines, what a month costs, and from where on it pays.
import type Big from 'big.js';
import { Option, type Command } from 'commander';
import { PRICED_REGION } from '../cost/prices.ts';
import type { SizeName } from '../cost/size-shapes.ts';
import { defaultWorkload, type Workload } from '../cost/workload.ts';
import { StarquakeError } from '../protocol/starquake-error.ts';
import { readCount } from './options/read-options.ts';
import {
  readAmount,
  readBytes,
  readMemory,
  readMs,
  readPeak,
  readRate,
  readRegion,
  readShare,
  readSize,
  type Peak,
} from './plan/read-load.ts';
import { answer, type GlobalOptions } from './terminal/answer.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Options of `plan`. */
interface PlanOptions extends GlobalOptions {
  readonly rate: Big;
  readonly peak?: Peak;
  readonly steps: number;
  readonly timers: Big;
  readonly retry: Big;
  readonly payload: number;
  readonly jobMs: Big;
  readonly jobMemory: number;
  readonly decisionMs: Big;
  readonly decisionMemory: number;
  readonly retention: number;
  readonly functionLogs: boolean;
  readonly size?: SizeName;
}

const findPeakFactor = ({ rate, peak }: PlanOptions): Big => {
  if (peak === undefined) return defaultWorkload.peakFactor;
  if ('factor' in peak) return peak.factor;
  if (peak.runsPerMonth.gte(rate)) return peak.runsPerMonth.div(rate);
  throw new StarquakeError('SETTINGS_INVALID', 'The peak of --peak is below the average of --rate.', {
    hint: 'Give the busiest second as --peak and the average of a whole month as --rate.',
  });
};

const readWorkload = (options: PlanOptions): Workload => ({
  runsPerMonth: options.rate,
  peakFactor: findPeakFactor(options),
  steps: options.steps,
  timers: options.timers,
  retryShare: options.retry,
  payloadBytes: options.payload,
  jobMs: options.jobMs,
  jobMemoryMb: options.jobMemory,
  decisionMs: options.decisionMs,
  decisionMemoryMb: options.decisionMemory,
  retentionDays: options.retention,
  functionLogs: options.functionLogs,
});

const addLoadOptions = (command: Command): Command => {
  const { steps, timers, retryShare, payloadBytes, jobMs, jobMemoryMb, decisionMs, decisionMemoryMb, retentionDays } = defaultWorkload;
  /** An option with what holds unless it is given, shown as people write it. */
  const add = <T>(flags: string, what: string, read: (text: string) => T, value: T, shown: string): void => {
    command.addOption(new Option(flags, what).argParser(read).default(value, shown));
  };
  command.requiredOption('--rate <rate>', 'runs on average, as in 200/s, 90/min, 20000/day or 1M/month', readRate);
  command.option('--peak <peak>', 'the busiest second, as a factor or a rate (default: 2)', readPeak);
  add('--steps <number>', 'jobs of a run', readCount, steps, String(steps));
  add('--timers <number>', 'waits of a run', readAmount, timers, timers.toFixed());
  add('--retry <share>', 'share of attempts that are repeated, as in 0.02 or 2%', readShare, retryShare, retryShare.toFixed());
  add('--payload <bytes>', 'size of an input or a result, as in 800 or 4kB', readBytes, payloadBytes, String(payloadBytes));
  add('--job-ms <ms>', 'billed time of a job', readMs, jobMs, jobMs.toFixed());
  add('--job-memory <mb>', 'memory of a job', readMemory, jobMemoryMb, String(jobMemoryMb));
  add('--decision-ms <ms>', 'billed time of a decision invocation', readMs, decisionMs, decisionMs.toFixed());
  add('--decision-memory <mb>', 'memory of the decision function', readMemory, decisionMemoryMb, String(decisionMemoryMb));
  add('--retention <days>', 'how long archives, histories and large values are kept', readCount, retentionDays, String(retentionDays));
  return command;
};

/** Adds `plan`. */
export const addPlanCommand = (program: Command, terminal: Terminal): void => {
  const command = program
    .command('plan')
    .summary('plan a platform on AWS and its cost')
    .description(
      'Says which size to choose for a load, how many machines it takes, what a month costs part by part, and from which rate on that is no more than Step Functions or Lambda durable functions cost. It computes; it calls nothing.',
    );
  addLoadOptions(command)
    .option('--no-function-logs', "without Lambda's own lines in CloudWatch Logs")
    .option('--size <size>', 'dev, small or production, whether it fits or not; the smallest that fits unless given', readSize)
    .addOption(new Option('--region <region>', 'prices of this region').argParser(readRegion).default(PRICED_REGION))
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<PlanOptions>();
      const workload = readWorkload(options);
      const [{ makePlan }, { describePlan }, { writePlan }] = await Promise.all([
        import('../cost/make-plan.ts'),
        import('./plan/describe-plan.ts'),
        import('./plan/write-plan.ts'),
      ]);
      const plan = makePlan(workload, options.size);
      answer(terminal, options, describePlan(plan), () => writePlan(plan));
    });
};
