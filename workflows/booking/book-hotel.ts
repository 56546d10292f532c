// Books a room with the hotel, which may be full; asking it again makes no room.
import { job, NotRetryableError } from 'starquake';
import type { Hotel, Trip } from './trip.ts';

export const bookHotel = job({
  name: 'book-hotel',
  timeout: '30s',
  async run(trip: Trip, attempt): Promise<Hotel> {
    if (trip.hotelFull === true) throw new NotRetryableError(`The hotel in ${trip.to} is full.`);
    return { reservation: `hotel-${attempt.idempotencyKey}`, city: trip.to };
  },
});
