// Finds cfn-lint, a Python package: in a virtual environment of its own, made when there is none.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '1.58.0';
const INSTALL_TIMEOUT_MS = 10 * 60_000;

const run = promisify(execFile);

/** Puts the environment into `folder`, or nothing at all. */
const install = async (folder: string): Promise<void> => {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(join(dirname(folder), 'installing-'));
  try {
    await run('python3', ['-m', 'venv', scratch], { timeout: INSTALL_TIMEOUT_MS });
    const python = join(scratch, 'bin', 'python');
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `cfn-lint==${VERSION}`], {
      timeout: INSTALL_TIMEOUT_MS,
    });
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/**
 * The Python that has the module `cfnlint`.
 *
 * @param installed - holds what was installed, one folder a version
 * @throws Error when it cannot be installed
 */
export const findCfnLint = async (installed: string): Promise<string> => {
  const folder = join(installed, VERSION);
  const python = join(folder, 'bin', 'python');
  const isThere = await access(python).then(
    () => true,
    () => false,
  );
  if (!isThere) await install(folder);
  return python;
};
