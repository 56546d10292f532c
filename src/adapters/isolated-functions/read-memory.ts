// Reads how much memory a process has in use, where the system tells.
import { readFile } from 'node:fs/promises';

/** Memory of a process in megabytes, and the most that it ever had. */
export interface ProcessMemory {
  readonly usedMb: number;
  readonly peakMb: number;
}

/** The memory of a process; undefined when it has ended, and on systems without `/proc`. */
export const readMemory = async (pid: number): Promise<ProcessMemory | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const read = (field: string): number | undefined => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? undefined : Math.ceil(Number(kilobytes) / 1024);
  };
  const [usedMb, peakMb] = [read('VmRSS'), read('VmHWM')];
  return usedMb === undefined || peakMb === undefined ? undefined : { usedMb, peakMb };
};
