// Finds the server that stands in for S3 and other services, a Python package.
import { findPython } from '../find-python.ts';

/**
 * The Python that has the module `moto.server`.
 *
 * @param installed - holds what was installed, one folder a version
 * @throws Error when it cannot be installed
 */
export const findMoto = (installed: string): Promise<string> =>
  findPython(installed, { name: 'moto[server]', version: '5.2.5', installTimeoutMs: 5 * 60_000 });
