// Checks that functions answer: each is given nothing to do, which changes nothing.
import type { z } from 'zod';
import { decisionAnswerSchema, jobRetryAnswerSchema, timerAnswerSchema } from '../../protocol/functions.ts';
import { TIMER_FUNCTION } from '../../protocol/manifest.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { InvocationResult } from '../../ports/functions.ts';
import type { AppState, DoctorParts } from './doctor-parts.ts';
import { ok, skipped, wrong, type Check, type Finding } from './finding.ts';

/** Longer than a cold start takes. */
const TIMEOUT_MS = 10_000;

interface Ping {
  readonly name: string;
  readonly what: string;
  readonly request: object;
  readonly answer: z.ZodType;
  /** The app that its code comes from; undefined of the engine's own. */
  readonly entry?: string;
}

const listPings = (apps: readonly AppState[], now: number): readonly Ping[] => {
  const head = { v: PROTOCOL_VERSION, now };
  const timer = { name: TIMER_FUNCTION, what: 'the timer function', request: { ...head, dues: [] }, answer: timerAnswerSchema };
  const ofApps = apps.flatMap((state): readonly Ping[] => {
    if (!('manifest' in state)) return [];
    const { entry, manifest } = state;
    const { app, decisionFunction, jobRetryFunction } = manifest;
    return [
      {
        entry,
        name: decisionFunction,
        what: `the decisions of ${app}`,
        request: { ...head, links: {}, runs: [] },
        answer: decisionAnswerSchema,
      },
      { entry, name: jobRetryFunction, what: `the retries of ${app}`, request: { ...head, failures: [] }, answer: jobRetryAnswerSchema },
    ];
  });
  return [timer, ...ofApps];
};

/** What came back from a function that was given nothing to do. */
export const judgeAnswer = ({ what, name, answer, entry }: Omit<Ping, 'request'>, result: InvocationResult): Finding => {
  const place = entry === undefined ? 'the installation of Starquake' : entry;
  if (result.kind === 'failed')
    return wrong(
      `${name} (${what}) does not answer: ${result.failure.code}: ${result.failure.message}`,
      entry === undefined ? 'No timer fires.' : 'Runs of the app stand still, blocked or waiting.',
      `See the stack in the log of the function, and mend ${place}: its modules are loaded with the first invocation.`,
    );
  const parsed = answer.safeParse(readJson(result.payload));
  if (parsed.success) return ok(`${name} answers, in ${Math.round(result.report.durationMs)} ms.`);
  return wrong(
    `${name} (${what}) answers something else than was asked for.`,
    'It is no function of Starquake, or one of another release.',
    `Deploy it anew from ${place}, with the release that runs here.`,
  );
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it is no answer; the caller says so.
    return undefined;
  }
};

/** Decision, job-retry and timer functions; jobs have effects, so they are not asked. */
export const functionsCheck: Check = {
  name: 'functions',
  run: async (parts: DoctorParts) => {
    const apps = await parts.listApps();
    const broken = apps.flatMap((state): readonly Finding[] =>
      'manifest' in state
        ? []
        : [
            {
              level: 'wrong',
              what: `${state.entry}: ${state.message}`,
              why: 'Without its functions no run of the app goes on.',
              fix: state.hint,
              code: state.code,
            },
          ],
    );
    const pings = listPings(apps, parts.now());
    const answered = await Promise.all(
      pings.map(async (ping) =>
        judgeAnswer(ping, await parts.functions.invoke(ping.name, JSON.stringify(ping.request), { timeoutMs: TIMEOUT_MS })),
      ),
    );
    const unasked = apps.length === 0 ? [skipped('No app was named, so no app was looked at.', `Name it: starquake doctor my-app.ts`)] : [];
    return [...broken, ...answered, ...unasked];
  },
};
