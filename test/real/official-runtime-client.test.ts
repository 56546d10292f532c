// The promises of functions under AWS's own runtime client, where its package is installed; nowhere else, CI included: compiling it takes a minute.
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIsolatedFunctions, type IsolatedFunctions } from '../../src/adapters/isolated-functions/isolated-functions.ts';
import { findOfficialClient } from '../../src/adapters/isolated-functions/official-client.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { contractFunctions, describeFunctions } from '../contract/functions.ts';
import { isolationFunctions } from '../support/lambda/isolation-functions.ts';

/** Names a folder that has `aws-lambda-ric` in its `node_modules`. */
const FOLDER = 'STARQUAKE_TEST_RUNTIME_CLIENT';
const CALL = { timeoutMs: 120_000 };
const officialClient = findOfficialClient([process.env[FOLDER] ?? '.']) ?? '';
const missing = officialClient === '' ? ` (skipped, in CI as well: it is not installed; ${FOLDER} names a folder that has it)` : '';
const fileOf = (name: string): string => fileURLToPath(new URL(`../support/functions/${name}.ts`, import.meta.url));

describe.skipIf(missing !== '')(`AWS's own runtime client${missing}`, () => {
  describeFunctions("processes under AWS's own client", (clock) => {
    const functions = openIsolatedFunctions({ clock, officialClient });
    functions.install({ functions: contractFunctions.map((name) => ({ name, file: fileOf(name), memoryMb: 256 })) });
    return { functions, losesCodes: true, close: () => functions.close() };
  });

  describe('what a function does to itself', () => {
    let functions: IsolatedFunctions;
    const invoke = (name: string, way: string) => functions.invoke(name, JSON.stringify(way), CALL);

    beforeEach(() => {
      functions = openIsolatedFunctions({ clock: systemClock, officialClient });
      functions.install({ functions: isolationFunctions });
    });
    afterEach(() => functions.close());

    it.each([
      ['misbehave', 'exit', 'FUNCTION_CRASHED', 'exit status 3'],
      ['alone', 'killItself', 'FUNCTION_CRASHED', 'signal: segmentation fault'],
      ['alone', 'throwLater', 'FUNCTION_CRASHED', ''],
      ['alone', 'rejectAside', 'FUNCTION_CRASHED', ''],
      ['no-handler', 'at all', 'FUNCTION_CRASHED', 'index.handler'],
      ['fail-to-load', 'at all', 'FUNCTION_CRASHED', 'this module cannot be loaded'],
      ['misbehave-briefly', 'loopForever', 'FUNCTION_TIMED_OUT', ''],
      ['misbehave', 'takeAllMemory', 'FUNCTION_OUT_OF_MEMORY', ''],
      ['alone', 'answerTooMuch', 'PAYLOAD_TOO_LARGE', ''],
    ])('is told apart (%s, %s: %s)', async (name, way, code, message) => {
      const result = await invoke(name, way);
      expect(result).toMatchObject({ kind: 'failed', failure: { code, message: expect.stringContaining(message) } });
    });

    it('is not that it goes by another name: its code lies in a folder as on Lambda, and its memory is told', async () => {
      const result = await invoke('alone', 'tell');
      expect(result).toMatchObject({ kind: 'answered', report: { source: 'report', memoryMb: 128, coldStart: true } });
      const told: unknown = result.kind === 'answered' ? JSON.parse(result.payload) : {};
      expect(told).toMatchObject({ functionName: 'alone', environment: { _HANDLER: 'index.handler', AWS_LAMBDA_FUNCTION_NAME: 'alone' } });
    });
  });
});
