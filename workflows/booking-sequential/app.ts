// Four small jobs one after another: the workload that the benchmarks count runs of.
import { app, job, workflow } from 'starquake';

interface Order {
  readonly order: string;
}

interface Receipt {
  readonly step: string;
  readonly order: string;
  /** Brings what travels to about 200 bytes. */
  readonly note: string;
}

const note = 'what a service answers: an identifier, a status, a time and a line of text; '.repeat(2);

const makeStep = (step: string) =>
  job({
    name: step,
    run: ({ order }: Order): Receipt => ({ step, order, note }),
  });

const pay = makeStep('pay');
const reserve = makeStep('reserve');
const confirm = makeStep('confirm');
const notify = makeStep('notify');

const bookSequentially = workflow({
  name: 'book-sequentially',
  async run(order: Order, flow) {
    const paid = await flow.run(pay, order);
    const reserved = await flow.run(reserve, order);
    const confirmed = await flow.run(confirm, order);
    await flow.run(notify, order);
    return { order: order.order, steps: [paid.step, reserved.step, confirmed.step] };
  },
});

export default app({ name: 'booking-sequential', workflows: [bookSequentially], jobs: [pay, reserve, confirm, notify] });
