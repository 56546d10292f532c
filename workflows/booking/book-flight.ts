// Books a seat with the airline.
import { job } from 'starquake';
import type { Flight, Trip } from './trip.ts';

export const bookFlight = job({
  name: 'book-flight',
  timeout: '30s',
  async run(trip: Trip, attempt): Promise<Flight> {
    return { ticket: `flight-${attempt.idempotencyKey}`, route: `${trip.from} - ${trip.to}` };
  },
});
