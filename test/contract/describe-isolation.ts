// What every adapter promises whose functions run in processes of their own: whatever one does to itself, it is told apart, reported, and no other's trouble.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Functions, InvocationResult } from '../../src/ports/functions.ts';

/** Functions as the suite opens them: the ones of test/support/lambda/isolation-functions.ts, on the clock of this machine. */
export interface OpenedIsolation {
  readonly functions: Functions;
  /** Instances of one function at once. */
  readonly instances: number;
  close(): Promise<void>;
}

/** No healthy call comes near it. */
const CALL = { timeoutMs: 120_000 };

/** What whoever starts functions may have in its own environment. */
const hostKeeps = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_PROFILE',
  'STARQUAKE_PULSAR_URL',
  'STARQUAKE_PULSAR_TOKEN_FILE',
  'STARQUAKE_BUCKET',
  'STARQUAKE_TABLE_PREFIX',
];

interface Told {
  readonly pid: number;
  readonly invocations: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly memoryLimitInMB: string;
  readonly invokedFunctionArn: string;
  readonly remainingMs: number;
}

const readTold = (result: InvocationResult): Told => {
  if (result.kind === 'failed') throw new Error(`It failed: ${result.failure.message}`);
  return JSON.parse(result.payload) as Told;
};

/** Describes the promises. */
export const describeIsolation = (adapter: string, open: () => Promise<OpenedIsolation>): void => {
  describe(`isolation of functions (${adapter})`, { timeout: 150_000 }, () => {
    let opened: OpenedIsolation;
    const invoke = (name: string, way: unknown) => opened.functions.invoke(name, JSON.stringify(way), CALL);
    const tell = async (): Promise<Told> => readTold(await invoke('alone', 'tell'));

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('a function that loops for ever is ended at its own timeout, and others go on meanwhile', async () => {
      const looping = invoke('misbehave-briefly', 'loopForever');
      expect(await invoke('echo', 'meanwhile')).toMatchObject({ kind: 'answered' });
      const result = await looping;
      expect(result).toMatchObject({
        kind: 'failed',
        retryable: false,
        failure: { code: 'FUNCTION_TIMED_OUT' },
        report: { source: 'report' },
      });
      expect(result.report.billedMs).toBeGreaterThanOrEqual(300);
    });

    it('a function that uses up its heap has failed for want of memory', async () => {
      const result = await invoke('misbehave', 'takeAllMemory');
      expect(result).toMatchObject({
        kind: 'failed',
        retryable: false,
        failure: { code: 'FUNCTION_OUT_OF_MEMORY' },
        report: { memoryMb: 128 },
      });
    });

    it.runIf(process.platform === 'linux')('so has one that uses it up outside of the heap', async () => {
      expect(await invoke('alone', 'takeBuffers')).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_OUT_OF_MEMORY' } });
    });

    it.each([
      ['misbehave', 'exit', 'exit status 3'],
      ['alone', 'killItself', 'signal: segmentation fault'],
      ['alone', 'neverSettle', 'a Promise that was never settled'],
      ['no-handler', 'at all', 'exports no handler'],
    ])('a function that ends without an answer has crashed (%s, %s)', async (name, way, message) => {
      const result = await invoke(name, way);
      expect(result).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_CRASHED' }, report: { source: 'report' } });
      expect(result.kind === 'failed' && result.failure.message).toContain(message);
    });

    it.each([
      ['alone', 'throwLater', 'thrown where nobody catches it'],
      ['alone', 'rejectAside', 'rejected where nobody looks'],
      ['fail-to-load', 'at all', 'this module cannot be loaded'],
    ])('an error that nobody caught is the failure (%s, %s)', async (name, way, message) => {
      const result = await invoke(name, way);
      expect(result).toMatchObject({ kind: 'failed', failure: { code: 'FUNCTION_CRASHED' } });
      expect(result.kind === 'failed' && result.failure.message).toContain(message);
    });

    it('a function that crashed starts anew with the next invocation', async () => {
      const before = await tell();
      await invoke('alone', 'killItself');
      const after = await invoke('alone', 'tell');
      expect(readTold(after)).toMatchObject({ invocations: 1 });
      expect(readTold(after).pid).not.toBe(before.pid);
      expect(after.report.coldStart).toBe(true);
    });

    it('an answer that is too large is refused, and the function goes on', async () => {
      const { pid } = await tell();
      expect(await invoke('alone', 'answerTooMuch')).toMatchObject({
        kind: 'failed',
        retryable: false,
        failure: { code: 'PAYLOAD_TOO_LARGE' },
      });
      expect((await tell()).pid).toBe(pid);
    });

    it('a report is found behind however much a function writes, and is not what a function writes', async () => {
      const written = await invoke('alone', 'writeMuch');
      expect(written).toMatchObject({ kind: 'answered', report: { source: 'report', memoryMb: 128 } });
      const reported = await invoke('alone', 'writeReport');
      expect(reported).toMatchObject({ kind: 'answered', report: { source: 'report', memoryMb: 128 } });
    });

    it('a function knows its invocation, and finds nothing of its host in its environment', async () => {
      for (const name of hostKeeps) vi.stubEnv(name, 'a secret of the host');
      const result = await invoke('alone', 'tell');
      vi.unstubAllEnvs();
      const { environment, ...told } = readTold(result);
      expect(told).toMatchObject({ awsRequestId: result.report.requestId, functionName: 'alone', memoryLimitInMB: '128' });
      expect(told.invokedFunctionArn).toMatch(/:function:alone$/);
      expect(told.remainingMs).toBeGreaterThan(0);
      expect(environment).toMatchObject({ AWS_LAMBDA_FUNCTION_NAME: 'alone', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128', TZ: ':UTC' });
      const known = /^(AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_[A-Z_]+)|LAMBDA_TASK_ROOT|_HANDLER|PATH|LANG|TZ)$/;
      expect(Object.keys(environment).filter((name) => !known.test(name))).toEqual([]);
      expect(JSON.stringify(environment)).not.toContain('a secret of the host');
    });

    it('no more instances run than are allowed, and each invocation has one to itself', async () => {
      const results = await Promise.all(Array.from({ length: 12 }, () => invoke('alone', 'tellLater')));
      const pids = new Set(results.map((result) => readTold(result).pid));
      expect(pids.size).toBeLessThanOrEqual(opened.instances);
      expect(results.filter(({ report }) => report.coldStart)).toHaveLength(pids.size);
      expect(pids.has(process.pid)).toBe(false);
    });
  });
};
