// A function that fails in the way that its request asks for.
const ways: Readonly<Record<string, () => unknown>> = {
  throwError: () => {
    throw Object.assign(new RangeError('out of range'), { code: 'MY_CODE' });
  },
  throwText: () => AbortSignal.abort('just a text').throwIfAborted(),
  answerNothing: () => undefined,
  throwCode: () => {
    throw Object.assign(new Error('of a newer release'), { name: 'UPGRADE_ME', code: 'UPGRADE_ME' });
  },
  answerNoJson: () => 1n,
  // With something to wait for, because a process that waits for nothing ends.
  neverAnswer: () => new Promise((resolve) => setTimeout(resolve, 600_000)),
  exit: () => process.exit(3),
  loopForever: () => {
    for (;;);
  },
  takeAllMemory: () => {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => index));
  },
};

export const handler = async (request: unknown): Promise<unknown> => ways[String(request)]?.();
