// A plan as one JSON document: money and amounts as exact decimals in text, so that no reader rounds them on the way.
import type { CostPart } from '../../cost/cost-part.ts';
import type { Plan } from '../../cost/make-plan.ts';
import { PRICED_REGION } from '../../cost/prices.ts';
import { countRunsPerSecond } from '../../cost/workload.ts';
import { listAssumptions, listWarnings, notIncluded } from './list-assumptions.ts';

const describePart = ({ group, what, price, amount, unit, usd }: CostPart) => ({
  group,
  what,
  price,
  amount: amount.toFixed(),
  unit,
  usd: usd.toFixed(),
});

/** The document of `plan --json`. */
export const describePlan = (plan: Plan) => {
  const { workload, size, fleet, parts, usd, usdPer1000Runs, usdPerStep, sizes, rivals, savings } = plan;
  return {
    region: PRICED_REGION,
    currency: 'USD',
    load: {
      runsPerMonth: workload.runsPerMonth.toFixed(),
      runsPerSecond: countRunsPerSecond(workload).round(6).toFixed(),
      peakFactor: workload.peakFactor.toFixed(),
      steps: workload.steps,
      timers: workload.timers.toFixed(),
      retryShare: workload.retryShare.toFixed(),
      payloadBytes: workload.payloadBytes,
      jobMs: workload.jobMs.toFixed(),
      jobMemoryMb: workload.jobMemoryMb,
      decisionMs: workload.decisionMs.toFixed(),
      decisionMemoryMb: workload.decisionMemoryMb,
      retentionDays: workload.retentionDays,
    },
    size,
    holds: fleet.holds,
    machines: fleet.machines.map(({ role, instanceType, count }) => ({ role, instanceType, count })),
    usdPerMonth: usd.toFixed(),
    usdPer1000Runs: usdPer1000Runs?.toFixed(),
    usdPerStep: usdPerStep?.toFixed(),
    parts: parts.map(describePart),
    sizes: sizes.map((other) => ({ ...other, usd: other.usd.toFixed() })),
    rivals: rivals.map(({ name, title, note, usd: other, parts: own, cheaper }) => ({
      name,
      title,
      note,
      usdPerMonth: other.toFixed(),
      parts: own.map(describePart),
      cheaperRunsPerSecond: cheaper.map(({ from, to }) => ({ from: from.toFixed(), to: to?.toFixed() })),
    })),
    savings: savings.map((saving) => ({ what: saving.what, usd: saving.usd.toFixed() })),
    warnings: listWarnings(plan),
    assumptions: listAssumptions(plan),
    notIncluded,
  };
};
