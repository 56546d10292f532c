// Proves that a client starts a workflow with what it takes, and reads what it answers.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { signal, workflow } from 'starquake';
import type { Client, RunHandle } from 'starquake/client';

interface Trip {
  readonly to: string;
  readonly price: number;
}

const bookTrip = workflow({ name: 'book-trip', run: async (trip: Trip) => ({ receipt: trip.to }) });
const approved = signal<{ readonly by: string }>('approved');

/** What follows is compiled, and never run. */
type Body = (client: Client) => unknown;
const bodies: Body[] = [];
const compiles = (body: Body): boolean => bodies.push(body) > 0;

describe('a client', () => {
  it('starts a workflow with its input, and is answered with its output', () => {
    expect(
      compiles(async (client) => {
        const handle = await client.start(bookTrip, { to: 'Rome', price: 7 });
        expectTypeOf(handle).toEqualTypeOf<RunHandle<{ receipt: string }>>();
        expectTypeOf(handle.result()).toEqualTypeOf<Promise<{ receipt: string }>>();
      }),
    ).toBe(true);
  });

  it('does not start it with another input, nor misreads its output', () => {
    expect(
      compiles(async (client) => {
        // @ts-expect-error -- a text is no trip
        await client.start(bookTrip, 'Rome');
        const handle = await client.start(bookTrip, { to: 'Rome', price: 7 });
        // @ts-expect-error -- the output has no ticket
        void (await handle.result()).ticket;
      }),
    ).toBe(true);
  });

  it('starts a workflow that it knows by name only, and knows nothing of its output then', () => {
    expect(
      compiles(async (client) => {
        const handle = await client.start({ app: 'booking', name: 'book-trip' }, 'whatever');
        expectTypeOf(handle.result()).toEqualTypeOf<Promise<unknown>>();
      }),
    ).toBe(true);
  });

  it('signals what the signal carries', () => {
    expect(
      compiles(async (client) => {
        await client.signal('run', approved, { by: 'me' });
        await client.signal('run', 'approved', 'anything');
        // @ts-expect-error -- nobody is named
        await client.signal('run', approved, { by: 7 });
      }),
    ).toBe(true);
  });
});
