// Runs checks side by side, each within its time; one that fails is a finding.
import { setTimeout } from 'node:timers/promises';
import type { DoctorParts } from './doctor-parts.ts';
import { explainError } from './explain-error.ts';
import type { Check, Finding, Level } from './finding.ts';

/** What a check has found. */
export interface CheckResult {
  readonly name: string;
  /** The gravest of its findings. */
  readonly level: Level;
  /** The gravest first. */
  readonly findings: readonly Finding[];
}

/** From light to grave. */
const LEVELS: readonly Level[] = ['skipped', 'ok', 'warning', 'wrong'];
const CHECK_TIMEOUT_MS = 25_000;

/**
 * Runs checks.
 *
 * @param timeoutMs - for each of them
 * @example
 * const results = await runChecks(checks, parts);
 */
export const runChecks = (checks: readonly Check[], parts: DoctorParts, timeoutMs = CHECK_TIMEOUT_MS): Promise<readonly CheckResult[]> =>
  Promise.all(checks.map((check) => runCheck(check, parts, timeoutMs)));

const runCheck = async (check: Check, parts: DoctorParts, timeoutMs: number): Promise<CheckResult> => {
  const over = new AbortController();
  const late = setTimeout(timeoutMs, undefined, { signal: over.signal }).then(
    (): readonly Finding[] => [describeLate(timeoutMs)],
    // The check was sooner.
    (): readonly Finding[] => [],
  );
  const looked = check.run(parts, over.signal).catch((error: unknown): readonly Finding[] => [explainError(error)]);
  const found = await Promise.race([looked, late]);
  over.abort();
  const findings = found.toSorted((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level));
  return { name: check.name, level: findings[0]?.level ?? 'skipped', findings };
};

const describeLate = (timeoutMs: number): Finding => ({
  level: 'wrong',
  what: `The check was not done within ${timeoutMs / 1000} s.`,
  why: 'What it looks at answers too slowly to be judged.',
  fix: 'See the findings of the other checks first; then look again.',
  code: 'CALL_TIMED_OUT',
});
