// Sees to it that a process does not outlive this one, however this one ends: nobody could find it again.
import { spawn } from 'node:child_process';

/** Waits for the end of its input, which comes when this process is gone. */
const SCRIPT = 'read -r _; kill -9 "$1"';

/** Guards a process. @returns how to give up, once it has ended by itself */
export const guardProcess = (pid: number): (() => void) => {
  const guard = spawn('sh', ['-c', SCRIPT, 'guard', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  return () => void guard.kill('SIGKILL');
};
