// Small texts for people: times, spans, values.

/** A span for people: `340 ms`, `2.4 s`, `3 min 5 s`, `2 d 4 h`. */
export const formatSpan = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return join(seconds, 60, 'min', 's');
  if (seconds < 86_400) return join(Math.round(seconds / 60), 60, 'h', 'min');
  return join(Math.round(seconds / 3_600), 24, 'd', 'h');
};

const join = (amount: number, per: number, large: string, small: string): string =>
  `${Math.floor(amount / per)} ${large}${amount % per === 0 ? '' : ` ${amount % per} ${small}`}`;

/** A moment for people, in local time: `2026-11-22 09:00:00`. */
export const formatMoment = (at: number): string => {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** A value on one line, cut where it gets long. */
export const formatValue = (value: unknown, longest = 160): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
};

/** Rows under their headings, each column as wide as it must be. */
export const formatTable = (headings: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
