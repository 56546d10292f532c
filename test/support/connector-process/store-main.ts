// The store process: opens the embedded store in a folder and offers it on a socket until its parent is gone or asks it to end.
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { writeNote } from './notes.ts';
import { serveStore } from './serve-store.ts';

const [folder = '', socket = ''] = process.argv.slice(2);
const report = (error: unknown, doing: string): void => writeNote({ kind: 'trouble', at: Date.now(), doing, text: String(error) });
const store = await openEmbeddedStore({ clock: systemClock, folder, report });
const close = await serveStore(store, socket);
const end = (): void => {
  close();
  void store.close().then(() => process.exit());
};
process.once('SIGTERM', end);
process.once('disconnect', end);
writeNote({ kind: 'ready', at: Date.now(), transport: 'none' });
