// The connector process: a whole connector over Pulsar, stores of another process and functions of its own, noting what it meets.
import { randomUUID } from 'node:crypto';
import { openLocalFunctions } from '../../../src/adapters/local-functions/local-functions.ts';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';
import { startConnector } from '../../../src/connector/connector.ts';
import { connectorProcessSchema } from './connector-settings.ts';
import { writeNote } from './notes.ts';
import { openBus } from './open-bus.ts';
import { connectStore } from './remote-store.ts';
import { watchBus, watchFunctions, watchRuns } from './watch-ports.ts';

const { socket, transport, access, functions: bundled, settings } = connectorProcessSchema.parse(JSON.parse(process.argv[2] ?? ''));
const report = (error: unknown, doing: string): void => writeNote({ kind: 'trouble', at: Date.now(), doing, text: String(error) });
const bus = await openBus(transport, access, report);
const { runs, timers, payloads, registry, close } = connectStore(socket);
const functions = openLocalFunctions({ clock: systemClock });
functions.install({ functions: bundled });
const jobs = new Set(bundled.filter(({ kind }) => kind === 'job').map(({ name }) => name));
const ports = {
  bus: watchBus(bus),
  runs: watchRuns(runs),
  timers,
  payloads,
  registry,
  functions: watchFunctions(functions, (name) => jobs.has(name)),
  clock: systemClock,
  newId: randomUUID,
  report,
};
const connector = await startConnector(ports, settings, (error) => {
  report(error, 'watching partitions');
  process.exit(1);
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => {
  void connector
    .stop()
    .then(() => bus.close())
    .then(() => functions.close())
    .then(() => {
      close();
      writeNote({ kind: 'left', at: Date.now() });
      process.exit();
    });
});
writeNote({ kind: 'ready', at: Date.now(), transport });
