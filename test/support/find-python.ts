// Finds a Python that has a package: in a virtual environment of its own, made when there is none.
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package, in exactly one version. */
export interface PythonPackage {
  /** With its extras, as in `moto[server]`. */
  readonly name: string;
  readonly version: string;
  readonly installTimeoutMs: number;
}

/** Puts the environment into `folder`, or nothing at all. */
const install = async (folder: string, { name, version, installTimeoutMs: timeout }: PythonPackage): Promise<void> => {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(join(dirname(folder), 'installing-'));
  try {
    await run('python3', ['-m', 'venv', scratch], { timeout });
    const python = join(scratch, 'bin', 'python');
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}==${version}`], { timeout });
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/**
 * The Python that has the package.
 *
 * @param installed - holds what was installed, one folder a version
 * @throws Error when it cannot be installed
 */
export const findPython = async (installed: string, wanted: PythonPackage): Promise<string> => {
  const folder = join(installed, wanted.version);
  const python = join(folder, 'bin', 'python');
  const isThere = await access(python).then(
    () => true,
    () => false,
  );
  if (!isThere) await install(folder, wanted);
  return python;
};
