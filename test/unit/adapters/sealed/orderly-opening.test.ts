// What comes sealed is handed on in its order, whether its key is at hand or must be asked for.
import { describe, expect, it } from 'vitest';
import { OrderlyOpening } from '../../../../src/adapters/sealed/orderly-opening.ts';

const setUp = () => {
  const keys = new Set<string>();
  const asked = new Map<string, PromiseWithResolvers<string>>();
  const [given, failures]: [string[], unknown[]] = [[], []];
  const opening = new OrderlyOpening<string>({
    openNow: (sealed) => (keys.has(sealed) ? sealed.toUpperCase() : undefined),
    openLater: async (sealed) => {
      if (keys.has(sealed)) return sealed.toUpperCase();
      const waiting = Promise.withResolvers<string>();
      asked.set(sealed, waiting);
      return waiting.promise;
    },
    onFailure: (error) => void failures.push(error),
    pause: () => Promise.resolve(),
  });
  const take = (...batch: string[]): void => opening.take(batch, (opened) => void given.push(opened.join('')));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { keys, asked, given, failures, opening, take, settle };
};

describe('messages that come sealed', () => {
  it('are handed on at once while keys are at hand', () => {
    const { keys, given, take } = setUp();
    keys.add('a').add('b');
    take('a', 'b');
    expect(given).toEqual(['AB']);
  });

  it('wait for those before them whose key is asked for, and keep their order', async () => {
    const { keys, asked, given, take, settle } = setUp();
    keys.add('a');
    take('a');
    take('x', 'a');
    take('a');
    await settle();
    expect(given).toEqual(['A']);
    asked.get('x')?.resolve('X');
    await settle();
    expect(given).toEqual(['A', 'XA', 'A']);
    take('a');
    expect(given).toEqual(['A', 'XA', 'A', 'A']);
  });

  it('are asked for again when the keyring fails, and none is left out', async () => {
    const { asked, given, failures, take, settle } = setUp();
    take('x');
    await settle();
    const first = asked.get('x');
    first?.reject(new Error('no keys today'));
    await settle();
    expect(failures).toHaveLength(1);
    expect(asked.get('x')).not.toBe(first);
    asked.get('x')?.resolve('X');
    await settle();
    expect(given).toEqual(['X']);
  });

  it('are handed to nobody once the subscription is closed', async () => {
    const { asked, given, opening, take, settle } = setUp();
    take('x');
    await settle();
    opening.close();
    asked.get('x')?.resolve('X');
    await settle();
    expect(given).toEqual([]);
  });
});
