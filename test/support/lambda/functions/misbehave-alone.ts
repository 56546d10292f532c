// A function that misbehaves in ways that need a process of its own, and one that tells of itself.
import { writeSync } from 'node:fs';

interface Context {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly memoryLimitInMB: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

let invocations = 0;

const ways: Readonly<Record<string, (context: Context) => unknown>> = {
  tell: (context) => ({
    ...context,
    pid: process.pid,
    invocations: ++invocations,
    environment: process.env,
    remainingMs: context.getRemainingTimeInMillis(),
  }),
  tellLater: async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { pid: process.pid };
  },
  neverSettle: () => new Promise(() => undefined),
  answerTooMuch: () => 'x'.repeat(7 * 1024 * 1024),
  takeBuffers: async () => {
    const kept: Buffer[] = [];
    for (;;) {
      kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
      // The loop turns, as it does in a function that reads a large file.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
  writeMuch: () => {
    for (let line = 0; line < 20_000; line++) process.stdout.write(`line ${line} of much that nobody reads\n`);
    process.stdout.write('the last line\n');
    return 'written';
  },
  writeReport: ({ awsRequestId }) => {
    const figures = 'Duration: 0.01 ms\tBilled Duration: 0 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB';
    writeSync(1, `REPORT RequestId: ${awsRequestId}\t${figures}\t\n`);
    return 'reported';
  },
  throwLater: () =>
    new Promise(() => {
      setTimeout(() => {
        throw new RangeError('thrown where nobody catches it');
      }, 1);
    }),
  rejectAside: () => {
    void Promise.reject(new RangeError('rejected where nobody looks'));
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  killItself: () => {
    process.kill(process.pid, 'SIGSEGV');
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};

export const handler = async (request: unknown, context: Context): Promise<unknown> => ways[String(request)]?.(context);
