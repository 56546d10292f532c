// Tells the customer what was booked.
import { job } from 'starquake';
import type { Booking } from './trip.ts';

export const notifyCustomer = job({
  name: 'notify-customer',
  retry: { maxAttempts: 20, maxDelay: '10m' },
  async run({ payment, flight, hotel }: Booking) {
    return { message: `Paid (${payment.receipt}), flying ${flight.route}, sleeping in ${hotel.city}.` };
  },
});
