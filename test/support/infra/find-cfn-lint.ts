// Finds cfn-lint, a Python package.
import { findPython } from '../find-python.ts';

/**
 * The Python that has the module `cfnlint`.
 *
 * @param installed - holds what was installed, one folder a version
 * @throws Error when it cannot be installed
 */
export const findCfnLint = (installed: string): Promise<string> =>
  findPython(installed, { name: 'cfn-lint', version: '1.58.0', installTimeoutMs: 10 * 60_000 });
