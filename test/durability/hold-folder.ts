// A process of its own that opens a data folder, says so, and keeps it until it is killed.
import { argv, stdout } from 'node:process';
import { openEmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';

await openEmbeddedStore({ folder: argv[2] ?? '', clock: systemClock, report: () => undefined });
stdout.write('open');
setInterval(() => undefined, 60_000);
