// What `starquake doctor` does: looks at every part it is told of, and says what is wrong with what to do about it.
import { answer, type GlobalOptions } from './terminal/answer.ts';
import { exitCodes, type ExitCode } from './terminal/exit-codes.ts';
import { readPulsarOptions } from './options/pulsar-options.ts';
import { writePulsarFlags } from './write-pulsar-flags.ts';
import { withProgress, type Terminal } from './terminal/terminal.ts';
import { composeParts, type DoctorPieces } from './doctor/compose-parts.ts';
import { checks } from './doctor/list-checks.ts';
import { countFindings, printReport } from './doctor/print-report.ts';
import { runChecks, type CheckResult } from './doctor/run-checks.ts';

/** Options of `doctor`. */
export interface DoctorOptions extends GlobalOptions {
  readonly data: string;
}

/**
 * Looks at everything, and tells.
 *
 * @throws SETTINGS_INVALID
 */
export const runDoctor = async (
  terminal: Terminal,
  entries: readonly string[],
  options: DoctorOptions,
  pieces: DoctorPieces,
): Promise<void> => {
  const { data, url } = options;
  const named = readPulsarOptions(options, terminal);
  const pulsar = named && { ...named, flags: writePulsarFlags(named) };
  const { parts, close } = await composeParts(pieces, { entries, pulsar, data, url });
  try {
    const results = await withProgress(terminal, 'looking …', () => runChecks(checks, parts));
    answer(terminal, options, { ...countFindings(results), checks: results }, () => printReport(results));
    terminal.endWith(judge(results));
  } finally {
    await close();
  }
};

/** Where all that is wrong is that something cannot be reached, that is what a script is told. */
const judge = (results: readonly CheckResult[]): ExitCode => {
  const wrong = results.flatMap(({ findings }) => findings.filter(({ level }) => level === 'wrong'));
  if (wrong.length === 0) return exitCodes.ok;
  return wrong.every(({ code }) => code === 'BUS_UNREACHABLE' || code === 'CALL_TIMED_OUT') ? exitCodes.unreachable : exitCodes.failed;
};
