// What travels through a booking: the trip that a customer asks for, and what each service answers.
import type { Duration } from 'starquake';

/** A trip to book. */
export interface Trip {
  readonly customer: string;
  readonly from: string;
  readonly to: string;
  /** In euros. */
  readonly price: number;
  /** Time zone of the customer, who is told on Monday morning there. */
  readonly zone: string;
  /** Makes the hotel refuse, to see everything undone. */
  readonly hotelFull?: boolean;
  /** Waits this long rather than until Monday, to see the end today. */
  readonly shortWait?: Duration;
}

/** A payment that was taken. */
export interface Payment {
  readonly receipt: string;
  readonly amount: number;
}

/** A seat on a flight. */
export interface Flight {
  readonly ticket: string;
  readonly route: string;
}

/** A room in a hotel. */
export interface Hotel {
  readonly reservation: string;
  readonly city: string;
}

/** All that was booked for a trip. */
export interface Booking {
  readonly payment: Payment;
  readonly flight: Flight;
  readonly hotel: Hotel;
}
