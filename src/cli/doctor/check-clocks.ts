// Checks that the clocks of the brokers and this one agree: delays are timed by theirs, leases and timers by the engine's.
import type { DoctorParts, PulsarPart } from './doctor-parts.ts';
import { ok, skipped, warning, wrong, type Finding } from './finding.ts';
import { listReachableBrokers } from './list-reachable-brokers.ts';
import { checkOfPulsar } from './pulsar-check.ts';

/** A moment that another clock told, with the times here before it was asked and after it had answered; all in milliseconds. */
export interface ClockReading {
  readonly askedAt: number;
  /** A whole second: the true time there was up to a second later. */
  readonly servedAt: number;
  readonly answeredAt: number;
}

/** How far a clock is ahead of this one at the least and at the most, in milliseconds. */
export interface ClockOffset {
  readonly least: number;
  readonly most: number;
}

const SECOND_MS = 1000;
const WARN_MS = SECOND_MS;
/** The margin of an attempt's lease (rule 12): clocks that differ by more take a running attempt for abandoned. */
const LEASE_MARGIN_MS = 10 * SECOND_MS;
const READINGS = 5;
/** No divisor of a second, so that the readings fall on different parts of it. */
const BETWEEN_MS = 230;

/** What some readings leave open: together they tell more than a second does. */
export const findOffset = (readings: readonly ClockReading[]): ClockOffset => {
  const least = Math.max(...readings.map(({ servedAt, answeredAt }) => servedAt - answeredAt));
  const most = Math.min(...readings.map(({ servedAt, askedAt }) => servedAt + SECOND_MS - askedAt));
  // A clock that is being set while it is read contradicts itself: the middle is as good as anything.
  return least <= most ? { least, most } : { least: (least + most) / 2, most: (least + most) / 2 };
};

/** What an offset means; only what is certain counts. */
export const judgeOffset = (where: string, { least, most }: ClockOffset): Finding => {
  const certain = least > 0 ? least : most < 0 ? -most : 0;
  if (certain <= WARN_MS) return ok(`The clock of ${where} agrees with this one.`);
  const what = `The clock of ${where} is at least ${(certain / SECOND_MS).toFixed(1)} s ${least > 0 ? 'ahead of' : 'behind'} this one.`;
  const fix = 'Let a time service (chrony, systemd-timesyncd, ntpd) set the clocks of brokers and connectors; see which one is off.';
  if (certain <= LEASE_MARGIN_MS)
    return warning(what, 'A timer never fires early, but by so much late; runs show times that do not fit together.', fix);
  return wrong(
    what,
    `Timers are late by so much, and an attempt is claimed for its timeout and ${LEASE_MARGIN_MS / SECOND_MS} s: with clocks that differ by more, a second connector takes a running attempt for abandoned and runs it again.`,
    fix,
  );
};

/** The clock of each broker. */
export const clockCheck = checkOfPulsar('clocks', async (pulsar, parts, signal) => {
  const { reached, notReached } = await listReachableBrokers(pulsar);
  return [...(await Promise.all(reached.map((webUrl) => checkClock(pulsar, parts, webUrl, signal)))), ...notReached];
});

const checkClock = async (pulsar: PulsarPart, parts: DoctorParts, webUrl: string, signal: AbortSignal): Promise<Finding> => {
  const readings: ClockReading[] = [];
  for (let count = 0; count < READINGS; count++) {
    if (count > 0) await parts.pause(BETWEEN_MS, signal);
    const askedAt = parts.now();
    const { servedAt } = await pulsar.ask(webUrl);
    if (servedAt === undefined) return skipped(`${webUrl} does not say what time it is.`);
    readings.push({ askedAt, servedAt, answeredAt: parts.now() });
  }
  return judgeOffset(webUrl, findOffset(readings));
};
