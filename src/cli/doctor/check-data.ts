// Checks the data folder: there, open to this process, held by one engine at most, on a disk with room.
import type { DataState } from './doctor-parts.ts';
import { ok, skipped, warning, wrong, type Check, type Finding } from './finding.ts';
import { formatBytes } from './format-bytes.ts';

const GIBIBYTE = 1024 ** 3;
const LITTLE_BYTES = 2 * GIBIBYTE;
/** The journal alone may take this much before it is cleaned. */
const TOO_LITTLE_BYTES = GIBIBYTE / 4;
const MOST_NAMED = 3;

/** What the data folder tells. */
export const judgeData = (folder: string, { exists, holder, closed, freeBytes, totalBytes }: DataState): readonly Finding[] => {
  if (!exists) return [skipped(`There is no ${folder}: it is made with the first start. Where there should be one, name it with --data.`)];
  const findings: Finding[] = [];
  if (closed.length > 0) {
    const more = closed.length > MOST_NAMED ? ` and ${closed.length - MOST_NAMED} more` : '';
    findings.push(
      wrong(
        `${closed.slice(0, MOST_NAMED).join(', ')}${more} cannot be read and written by this user.`,
        'An engine that is started by this user ends at once, or in the middle.',
        `Run everything as the user that owns ${folder}, or give it to this one: chown -R "$USER" ${folder}`,
      ),
    );
  }
  const free = `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free on the disk of ${folder}.`;
  const fix = 'Make room, or move the folder to a larger disk while no engine runs, and name it with --data.';
  if (freeBytes < TOO_LITTLE_BYTES) findings.push(wrong(free, 'Nothing can be committed on a full disk: every run stands still.', fix));
  else if (freeBytes < LITTLE_BYTES) findings.push(warning(free, 'Nothing can be committed on a full disk.', fix));
  if (findings.length > 0) return findings;
  return [ok(`${folder} is there${holder === undefined ? ' and free' : `: ${holder}`}; ${formatBytes(freeBytes)} are free.`)];
};

/** The data folder of `dev`. */
export const dataCheck: Check = {
  name: 'data',
  run: async ({ data }) => judgeData(data.folder, await data.read()),
};
