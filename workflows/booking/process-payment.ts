// Takes the money for a trip. The bank is busy at first, so that a retry can be seen.
import { job } from 'starquake';
import type { Payment, Trip } from './trip.ts';

export const processPayment = job({
  name: 'process-payment',
  retry: { maxAttempts: 5, firstDelay: '1s', factor: 2, maxDelay: '1m' },
  timeout: '30s',
  async run(trip: Trip, attempt): Promise<Payment> {
    if (attempt.number === 1) throw new Error('The bank is busy; ask again in a moment.');
    // A bank that is handed the key again answers with the payment that it has already taken.
    return { receipt: `payment-${attempt.idempotencyKey}`, amount: trip.price };
  },
});
