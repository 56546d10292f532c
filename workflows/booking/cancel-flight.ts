// Gives a seat back to the airline: undoes book-flight.
import { job } from 'starquake';
import type { Flight } from './trip.ts';

export const cancelFlight = job({
  name: 'cancel-flight',
  retry: { maxAttempts: 10, exhausted: 'hold' },
  async run(flight: Flight) {
    return { canceled: flight.ticket };
  },
});
