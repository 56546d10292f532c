// The adapters that the doctor looks with, put together for tests as the command line does it.
import { lockFolder } from '../../../src/adapters/embedded/files/folder-lock.ts';
import { openLocalFunctions } from '../../../src/adapters/local-functions/local-functions.ts';
import { findBrokerUrl } from '../../../src/adapters/pulsar-admin/find-broker-url.ts';
import { PulsarInspection } from '../../../src/adapters/pulsar-admin/pulsar-inspection.ts';
import { loadNativeModule } from '../../../src/adapters/pulsar/native-client.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import type { DoctorPieces } from '../../../src/cli/doctor/compose-parts.ts';

/** The adapters. */
export const doctorPieces: DoctorPieces = {
  clock: systemClock,
  inspectPulsar: (access, timeoutMs, settings) => new PulsarInspection(access, timeoutMs, settings),
  findBrokerUrl,
  loadNativeClient: loadNativeModule,
  openFunctions: () => openLocalFunctions({ clock: systemClock }),
  lockFolder,
};
