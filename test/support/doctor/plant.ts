// Faults that tests of the doctor plant, and what is expected of it then.
import { expect, it } from 'vitest';
import type { DoctorParts, PulsarPart } from '../../../src/cli/doctor/doctor-parts.ts';
import type { Level } from '../../../src/cli/doctor/finding.ts';
import { checks } from '../../../src/cli/doctor/list-checks.ts';
import { runChecks } from '../../../src/cli/doctor/run-checks.ts';
import type { ErrorCode } from '../../../src/protocol/errors.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';
import { makeParts, makePulsar } from './healthy-parts.ts';

/** A fault and how it is found. */
export interface Planted {
  readonly what: string;
  readonly parts: Partial<DoctorParts>;
  readonly check: string;
  readonly level: Level;
  readonly says: RegExp;
  readonly fix: RegExp;
}

/** Plants a fault. */
export const plant = (what: string, parts: Partial<DoctorParts>, check: string, level: Level, says: RegExp, fix: RegExp): Planted => ({
  what,
  parts,
  check,
  level,
  says,
  fix,
});

/** A Pulsar that is well but for something. */
export const pulsar = (differing: Partial<PulsarPart>): Pick<DoctorParts, 'pulsar'> => ({ pulsar: makePulsar(differing) });

/** A read that fails. */
export const reject =
  (code: ErrorCode, message = 'It does not.') =>
  (): Promise<never> =>
    Promise.reject(new StarquakeError(code, message));

/** Declares a test for each. */
export const expectFound = (planted: readonly Planted[]): void => {
  it.each(planted)('finds $what', async ({ parts, check, level, says, fix }) => {
    const results = await runChecks(checks, makeParts(parts));
    const found = results.find(({ name }) => name === check);
    const [gravest] = found?.findings ?? [];
    expect(gravest).toMatchObject({ level, what: expect.stringMatching(says), fix: expect.stringMatching(fix) });
    expect(found?.level).toBe(level);
  });
};
