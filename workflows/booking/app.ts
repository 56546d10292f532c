// The booking app: one workflow that knows the process, and services that know only their own command.
import { app } from 'starquake';
import { bookTrip } from './book-trip.ts';
import { bookFlight } from './book-flight.ts';
import { bookHotel } from './book-hotel.ts';
import { cancelFlight } from './cancel-flight.ts';
import { notifyCustomer } from './notify-customer.ts';
import { processPayment } from './process-payment.ts';
import { refundPayment } from './refund-payment.ts';

export default app({
  name: 'booking',
  workflows: [bookTrip],
  jobs: [processPayment, refundPayment, bookFlight, cancelFlight, bookHotel, notifyCustomer],
});
