// Runs a whole engine until it is interrupted, then lets it finish what is in hand.
import { startApi, type Api } from '../api/start-api.ts';
import { answer } from './answer.ts';
import { checkPort } from './check-port.ts';
import { composeEngine, type Engine } from './compose.ts';
import { tellTrip, trip } from './demo-trips.ts';
import type { DevOptions } from './dev-command.ts';
import { exitCodes } from './exit-codes.ts';
import { findEntries } from './find-entries.ts';
import { createReporter } from './report-trouble.ts';
import { withProgress, type Terminal } from './terminal.ts';

/**
 * What `starquake dev` does.
 *
 * @throws ADDRESS_IN_USE, DATA_IN_USE, BUNDLE_FAILED, APP_INVALID, SETTINGS_INVALID
 */
export const runDev = async (terminal: Terminal, named: readonly string[], options: DevOptions): Promise<void> => {
  const entries = findEntries(named);
  await checkPort(options.port, options.host);
  const interrupted = waitForInterrupt(terminal);
  const engine = await bringUp(terminal, entries, options);
  try {
    const api = await startApi(engine.ports, engine.projection, options);
    try {
      greet(terminal, engine, api, options);
      if (options.demo === true) await Promise.race([interrupted, tellTrip(engine, (line) => terminal.write(`${line}\n`))]);
      await interrupted;
      terminal.complain('\nFinishing what is in hand; interrupt again to end at once.\n');
    } finally {
      await api.close();
    }
  } finally {
    await engine.stop();
  }
};

const bringUp = (terminal: Terminal, entries: readonly string[], { data, memory = false, json = false }: DevOptions): Promise<Engine> =>
  withProgress(terminal, 'starting …', () =>
    composeEngine({
      entries,
      watch: true,
      report: createReporter(terminal),
      onRebuilt: ({ app }) => json || terminal.write(`${app} was built again.\n`),
      ...(!memory && { folder: data }),
    }),
  );

/** Resolves at the first wish to stop; the second ends the process. */
const waitForInterrupt = (terminal: Terminal): Promise<void> =>
  new Promise((resolve) => {
    let isFirst = true;
    terminal.onInterrupt(() => {
      if (!isFirst) terminal.quit(exitCodes.failed);
      isFirst = false;
      resolve();
    });
  });

const greet = (terminal: Terminal, { manifests }: Engine, { url }: Api, { data, memory = false, json = false }: DevOptions): void => {
  const apps = manifests.map(({ app, workflows }) => ({ app, workflows: workflows.map(({ name }) => name) }));
  answer(terminal, { json }, { url, apps, data: memory ? null : data }, () =>
    [
      'Starquake is up.',
      `  API   ${url}  (what it offers: ${url}/openapi.json)`,
      ...apps.map(({ app, workflows }) => `  app   ${app}: ${workflows.join(', ')}`),
      `  data  ${memory ? 'in memory only' : data}`,
      '',
      ...apps.slice(0, 1).map(giveExample),
      'Stop it with Ctrl-C.',
      '',
    ].join('\n'),
  );
};

const giveExample = ({
  app,
  workflows: [workflow = '<workflow>'],
}: {
  readonly app: string;
  readonly workflows: readonly string[];
}): string => `Start a run:  npx starquake start ${app}/${workflow} --input '${app === 'booking' ? JSON.stringify(trip) : '{}'}' --wait`;
