// Gives the money for a trip back: undoes process-payment. It holds rather than fails, because money must not be lost track of.
import { job } from 'starquake';
import type { Payment } from './trip.ts';

export const refundPayment = job({
  name: 'refund-payment',
  retry: { maxAttempts: 10, exhausted: 'hold' },
  async run(payment: Payment) {
    return { refunded: payment.amount, receipt: payment.receipt };
  },
});
