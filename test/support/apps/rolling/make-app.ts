// A booking that uses all queues: a job that fails once, a timer, a child, a signal; each deployment signs what it does.
import { app, job, signal, workflow } from 'starquake';

/** What a run is asked. */
export interface Order {
  readonly order: string;
  /** It goes on only when it is told to. */
  readonly waits: boolean;
}

const go = signal<string>('go');

/** Makes a deployment of the app. @param release - what it signs with */
export const makeRolling = (release: string) => {
  const pay = job({
    name: 'pay',
    retry: { firstDelay: '200ms' },
    run: ({ order }: Order, { number }) => {
      if (number === 1 && order.endsWith('0')) throw new Error('The bank did not answer.');
      return `${release} paid`;
    },
  });
  const confirm = job({ name: 'confirm', run: (_order: Order) => `${release} confirmed` });
  const notify = workflow({ name: 'notify', run: (order: Order, flow) => flow.run(confirm, order) });
  const bookTrip = workflow({
    name: 'book-trip',
    run: async (order: Order, flow) => {
      const paid = await flow.run(pay, order);
      if (order.waits) await flow.receive(go);
      await flow.sleep('1s');
      return [release, paid, await flow.run(notify, order)];
    },
  });
  return app({ name: 'rolling', workflows: [bookTrip, notify], jobs: [pay, confirm] });
};
