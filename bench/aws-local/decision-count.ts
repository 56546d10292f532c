// Counts decisions on their way to the functions: invocations, runs in them, and how many of those that relied on a live run found it.
import { z } from 'zod';
import type { Exchange } from './counting-proxy.ts';

/** Decisions so far. */
export interface DecisionFigures {
  readonly invocations: number;
  readonly runs: number;
  /** Runs of which only the news was sent, because a process was to have the rest (rule 10). */
  readonly live: number;
  /** Those of them that no live run was found for. */
  readonly missed: number;
}

/** Counts decisions. */
export interface DecisionCount {
  readonly take: (exchange: Exchange) => void;
  readonly figures: DecisionFigures;
}

const requestSchema = z.object({ runs: z.array(z.string()) });
const inputSchema = z.object({ base: z.string().exactOptional() });
const decisionSchema = z.object({ kind: z.string() });

/** Makes a count at zero. */
export const createDecisionCount = (): DecisionCount => {
  let figures: DecisionFigures = { invocations: 0, runs: 0, live: 0, missed: 0 };
  return {
    take: ({ path, request, answer }) => {
      if (!path.includes('_decision')) return;
      const inputs = requestSchema.parse(JSON.parse(request)).runs.map((text) => inputSchema.parse(JSON.parse(text)));
      const answered = requestSchema.safeParse(JSON.parse(answer)).data?.runs ?? [];
      const missed = answered.filter((text) => decisionSchema.parse(JSON.parse(text)).kind === 'needHistory');
      figures = {
        invocations: figures.invocations + 1,
        runs: figures.runs + inputs.length,
        live: figures.live + inputs.filter(({ base }) => base !== undefined).length,
        missed: figures.missed + missed.length,
      };
    },
    get figures() {
      return figures;
    },
  };
};
