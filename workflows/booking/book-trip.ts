// Books a trip: pays, books flight and hotel at once, and tells the customer on Monday morning; undoes everything if the hotel is full.
import { next, workflow, type Flow } from 'starquake';
import { bookFlight } from './book-flight.ts';
import { bookHotel } from './book-hotel.ts';
import { cancelFlight } from './cancel-flight.ts';
import { notifyCustomer } from './notify-customer.ts';
import { processPayment } from './process-payment.ts';
import { refundPayment } from './refund-payment.ts';
import type { Booking, Trip } from './trip.ts';

export const bookTrip = workflow({
  name: 'book-trip',
  async run(trip: Trip, flow): Promise<Booking> {
    flow.tag({ customer: trip.customer, to: trip.to });

    flow.status('paying');
    const payment = await flow.run(processPayment, trip, { compensate: (paid) => flow.run(refundPayment, paid) });

    flow.status('booking');
    // Should the hotel be full while the flight is still being booked, the flight is waited for and then canceled.
    const [flight, hotel] = await Promise.all([
      flow.run(bookFlight, trip, { compensate: (booked) => flow.run(cancelFlight, booked) }),
      flow.run(bookHotel, trip),
    ]);

    flow.status('waiting for Monday morning');
    await waitForMonday(trip, flow);
    await flow.run(notifyCustomer, { payment, flight, hotel });
    flow.status('done');
    return { payment, flight, hotel };
  },
});

const waitForMonday = (trip: Trip, flow: Flow<Trip>): Promise<void> =>
  trip.shortWait === undefined ? flow.sleepUntil(next('monday', '09:00', trip.zone)) : flow.sleep(trip.shortWait);
