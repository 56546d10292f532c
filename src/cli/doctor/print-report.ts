// Prints what the checks have found: a line per check, the rest under it.
import type { Finding, Level } from './finding.ts';
import type { CheckResult } from './run-checks.ts';

const count = (findings: readonly Finding[], level: Level): number => findings.filter((finding) => finding.level === level).length;

/** What is told in figures. */
export interface ReportCounts {
  readonly wrong: number;
  readonly warnings: number;
  readonly skipped: number;
}

/** Counts findings. */
export const countFindings = (results: readonly CheckResult[]): ReportCounts => {
  const all = results.flatMap(({ findings }) => findings);
  return { wrong: count(all, 'wrong'), warnings: count(all, 'warning'), skipped: count(all, 'skipped') };
};

const LEVEL_WIDTH = 'skipped'.length;

/** The report as text for people. */
export const printReport = (results: readonly CheckResult[]): string => {
  const nameWidth = Math.max(...results.map(({ name }) => name.length));
  const margin = ' '.repeat(LEVEL_WIDTH + nameWidth + 4);
  const lines = results.flatMap(({ name, level, findings }) => {
    const [first = '', ...more] = joinAlike(chooseTold(level, findings)).flatMap((finding) => printFinding(finding, level));
    return [`${level.padEnd(LEVEL_WIDTH)}  ${name.padEnd(nameWidth)}  ${first}`.trimEnd(), ...more.map((line) => `${margin}${line}`)];
  });
  return [...lines, '', summarize(countFindings(results))].join('\n');
};

/** What is fine is told only where nothing else is. */
const chooseTold = (level: Level, findings: readonly Finding[]): readonly Finding[] =>
  level === 'wrong' || level === 'warning' ? findings.filter((finding) => finding.level !== 'ok') : findings;

/** Findings that mean the same and are mended by the same. */
interface Alike extends Pick<Finding, 'level' | 'why' | 'fix'> {
  readonly whats: readonly string[];
}

const joinAlike = (findings: readonly Finding[]): readonly Alike[] =>
  [...Map.groupBy(findings, ({ level, why, fix }) => JSON.stringify([level, why, fix])).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, whats: group.map(({ what }) => what) }];
  });

const printFinding = ({ whats, why, fix, ...finding }: Alike, level: Level): readonly string[] => [
  ...whats.map((what) => (finding.level === level ? what : `${finding.level}: ${what}`)),
  ...(why === undefined ? [] : [`  why: ${why}`]),
  ...(fix === undefined || fix === '' ? [] : [`  fix: ${fix}`]),
];

const summarize = ({ wrong, warnings, skipped }: ReportCounts): string => {
  const parts = [
    wrong === 0 ? 'Nothing is wrong' : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong`,
    ...(warnings === 0 ? [] : [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`]),
    ...(skipped === 0 ? [] : [`${skipped} not looked at`]),
  ];
  return `${parts.join(', ')}.`;
};
