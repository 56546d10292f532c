// What a platform is asked to do in a month: how many runs, of what shape.
import Big from 'big.js';
import { readFigure } from './read-figure.ts';

/** Hours and seconds of a month, as AWS counts them. */
export const MONTH = { hours: 730, seconds: 2_628_000 } as const;

/** A load, steady but for its peak. */
export interface Workload {
  readonly runsPerMonth: Big;
  /** How many times the average the busiest second has; 1 or more. */
  readonly peakFactor: Big;
  /** Jobs of a run. */
  readonly steps: number;
  /** Sleeps, and waits with a deadline, of a run. */
  readonly timers: Big;
  /** Share of attempts that fail and are repeated. */
  readonly retryShare: Big;
  /** Bytes of each input and each result, as JSON. */
  readonly payloadBytes: number;
  readonly jobMs: Big;
  readonly jobMemoryMb: number;
  /** Billed time of a decision invocation, beside what each run in it takes. */
  readonly decisionMs: Big;
  readonly decisionMemoryMb: number;
  /** Days that archives, histories and large values are kept in S3. */
  readonly retentionDays: number;
  /** Whether Lambda writes its own lines into CloudWatch Logs. */
  readonly functionLogs: boolean;
}

/** What holds where nothing else is said. */
export const defaultWorkload: Omit<Workload, 'runsPerMonth'> = {
  peakFactor: new Big(2),
  steps: 4,
  timers: new Big(0),
  retryShare: new Big('0.01'),
  payloadBytes: 200,
  jobMs: new Big(50),
  jobMemoryMb: 256,
  decisionMs: readFigure('decisionMs'),
  decisionMemoryMb: readFigure('engineMemoryMb').toNumber(),
  retentionDays: 30,
  functionLogs: true,
};

/** Runs a second, on average. */
export const countRunsPerSecond = ({ runsPerMonth }: Pick<Workload, 'runsPerMonth'>): Big => runsPerMonth.div(MONTH.seconds);
