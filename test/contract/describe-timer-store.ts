// What every timer store promises; each adapter runs this suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TimerStore } from '../../src/ports/timer-store.ts';
import type { Due } from '../../src/protocol/messages.ts';
import { makeNoise } from './describe-run-store.ts';
import { CALL, makeName, type Harness, type OpenHarness } from './harness.ts';

const START = Date.UTC(2026, 5, 1);
const HOUR_MS = 60 * 60 * 1000;

const makeDue = (dueAt: number, id = makeName('due')): Due => ({
  type: 'Due',
  v: 1,
  dueAt,
  id,
  topic: 'inbox',
  key: 'run',
  message: JSON.stringify({ type: 'Wake', ü: 1 }),
});

const idsOf = (dues: readonly Due[]): readonly string[] => dues.map(({ id }) => id);

const describeReading = (use: () => Harness<TimerStore>): void => {
  it('an empty store has nothing due', async () => {
    expect(await use().port.readDue(START, 10, CALL)).toEqual([]);
  });

  it('an entry comes back as it was put', async () => {
    const due = makeDue(START);
    const { port } = use();
    await port.put([due], CALL);
    expect(await port.readDue(START, 10, CALL)).toEqual([due]);
  });

  it('entries are due at their time, not a millisecond before', async () => {
    const { port } = use();
    await port.put([makeDue(START)], CALL);
    expect(await port.readDue(START - 1, 10, CALL)).toEqual([]);
    expect((await port.readDue(START, 10, CALL)).length).toBe(1);
  });

  it('entries come earliest first, from the oldest on, however far apart they are', async () => {
    const { port } = use();
    const offsets = [5, 1, 48 * HOUR_MS, 3, 2 * HOUR_MS, 2, 4, -24 * HOUR_MS];
    await port.put(
      offsets.map((offset) => makeDue(START + offset)),
      CALL,
    );
    const read = await port.readDue(START + 100 * HOUR_MS, 100, CALL);
    expect(read.map(({ dueAt }) => dueAt - START)).toEqual(offsets.toSorted((a, b) => a - b));
  });

  it('no more than the limit come, and these are the earliest', async () => {
    const { port } = use();
    const dues = Array.from({ length: 50 }, (_, index) => makeDue(START + 50 - index));
    await port.put(dues, CALL);
    const read = await port.readDue(START + HOUR_MS, 7, CALL);
    expect(read.map(({ dueAt }) => dueAt - START)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('thousands of entries keep their order while others are put and removed', async () => {
    const { port } = use();
    const dues = Array.from({ length: 3000 }, (_, index) => makeDue(START + ((index * 7919) % 3001)));
    await port.put(dues, CALL);
    const gone = dues.filter((_, index) => index % 3 === 0);
    await port.remove(gone, CALL);
    const left = dues.filter((_, index) => index % 3 !== 0).toSorted((a, b) => a.dueAt - b.dueAt);
    expect(idsOf(await port.readDue(START + HOUR_MS, 5000, CALL))).toEqual(idsOf(left));
  });
};

const describeContents = (use: () => Harness<TimerStore>): void => {
  it('a message of half a megabyte comes back as it was', async () => {
    const { port } = use();
    const message = JSON.stringify({ text: makeNoise(1, 500_000) });
    const dues = [{ ...makeDue(START), message }, makeDue(START + 1)];
    await port.put(dues, CALL);
    expect(await port.readDue(START + 1, 10, CALL)).toEqual(dues);
    await port.remove(dues, CALL);
    expect(await port.readDue(START + 1, 10, CALL)).toEqual([]);
  });

  it('an entry put into a time that was read empty long ago is found', async () => {
    const { port, clock, passTime } = use();
    const dueAt = clock.now() - 2 * HOUR_MS;
    const first = makeDue(dueAt);
    await port.put([first], CALL);
    await port.remove([first], CALL);
    for (let round = 0; round < 6; round++) {
      await passTime(HOUR_MS / 2);
      expect(await port.readDue(clock.now(), 10, CALL)).toEqual([]);
    }
    const late = makeDue(dueAt);
    await port.put([late], CALL);
    expect(await port.readDue(clock.now(), 10, CALL)).toEqual([late]);
  });

  it('no entry is lost while others of its minute are read and removed', async () => {
    const { port } = use();
    const dues = Array.from({ length: 200 }, (_, index) => makeDue(START + index));
    const seen = new Set<string>();
    const move = async (): Promise<void> => {
      const found = await port.readDue(START + HOUR_MS, 50, CALL);
      for (const { id } of found) seen.add(id);
      await port.remove(found, CALL);
    };
    for (let from = 0; from < dues.length; from += 20) await Promise.all([port.put(dues.slice(from, from + 20), CALL), move()]);
    while (seen.size < dues.length) {
      const before = seen.size;
      await move();
      expect(seen.size).toBeGreaterThan(before);
    }
    expect(seen).toEqual(new Set(idsOf(dues)));
  });
};

const describeNames = (use: () => Harness<TimerStore>): void => {
  it('an entry put twice is there once', async () => {
    const { port } = use();
    const due = makeDue(START);
    await port.put([due, due], CALL);
    await port.put([due], CALL);
    expect(await port.readDue(START, 10, CALL)).toEqual([due]);
  });

  it('the same id at another time is another entry', async () => {
    const { port } = use();
    const early = makeDue(START, 'same');
    const late = makeDue(START + 1, 'same');
    await port.put([late, early], CALL);
    expect(await port.readDue(START + 1, 10, CALL)).toEqual([early, late]);
    await port.remove([early], CALL);
    expect(await port.readDue(START + 1, 10, CALL)).toEqual([late]);
  });

  it('entries of very long and very alike names are told apart', async () => {
    const { port } = use();
    const long = makeName('due').repeat(200);
    const dues = [`${long}a`, `${long}b`, 'ü', 'u'].map((id) => makeDue(START, id));
    await port.put(dues, CALL);
    await port.remove(dues.slice(0, 1), CALL);
    expect(idsOf(await port.readDue(START, 10, CALL)).toSorted()).toEqual(idsOf(dues.slice(1)).toSorted());
  });

  it('exactly the entries named are removed', async () => {
    const { port } = use();
    const dues = ['a', 'b', 'c', 'd'].map((id) => makeDue(START, id));
    await port.put(dues, CALL);
    await port.remove([makeDue(START, 'b'), makeDue(START, 'd')], CALL);
    expect(idsOf(await port.readDue(START, 10, CALL)).toSorted()).toEqual(['a', 'c']);
  });

  it('removing what is not there is harmless', async () => {
    const { port } = use();
    const due = makeDue(START);
    await port.remove([due], CALL);
    await port.put([due], CALL);
    await port.remove([makeDue(START + 1, due.id), makeDue(START, 'other')], CALL);
    expect(await port.readDue(START, 10, CALL)).toEqual([due]);
    await port.remove([due], CALL);
    await port.remove([due], CALL);
    expect(await port.readDue(START, 10, CALL)).toEqual([]);
  });

  it('entries are there, and removed ones gone, when the store is opened again', async (test) => {
    const harness = use();
    if (harness.reopen === undefined) return test.skip();
    const dues = ['a', 'b', 'c'].map((id) => makeDue(START, id));
    await harness.port.put(dues, CALL);
    await harness.port.remove(dues.slice(1, 2), CALL);
    await harness.reopen();
    expect(idsOf(await harness.port.readDue(START, 10, CALL)).toSorted()).toEqual(['a', 'c']);
  });
};

/**
 * Runs the timer store suite on an adapter.
 *
 * @param name - names the adapter in the report
 * @param open - opens it for one test
 */
export const describeTimerStore = (name: string, open: OpenHarness<TimerStore>): void => {
  describe(`timer store: ${name}`, () => {
    let harness: Harness<TimerStore>;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());
    describeReading(() => harness);
    describeNames(() => harness);
    describeContents(() => harness);
  });
};
