// Stands for a client library: large, and at work as soon as it is loaded.
import { DateTime } from 'luxon';

export const heavyClient = { connect: (secret: string): string => `MARKER-OF-CLIENT ${secret} ${DateTime.now().toISO()}` };
