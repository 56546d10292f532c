// A function that fails in the way that its request asks for.
const ways: Readonly<Record<string, () => unknown>> = {
  throwError: () => {
    throw Object.assign(new RangeError('out of range'), { code: 'MY_CODE' });
  },
  throwText: () => AbortSignal.abort('just a text').throwIfAborted(),
  answerNothing: () => undefined,
  neverAnswer: () => new Promise(() => undefined),
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
