// Deployments that appear while a connector is up: their manifests are put into Systems Manager's stand-in, their functions behind Invoke.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InboxDraft } from '../../src/engine/outbox/derivation.ts';
import type { EventOf, RunEventType } from '../../src/protocol/events.ts';
import { bundleApp } from '../../src/bundle/bundle-app.ts';
import { findPulsar } from '../contract/pulsar-harness.ts';
import type { ConnectorService } from '../support/aws-local/connector-service.ts';
import { openLine, type Line } from '../support/aws-local/open-line.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const START_TIMEOUT_MS = 300_000;
/** A look into the registry, and a blocked run's next try. */
const APPEAR_TIMEOUT_MS = 120_000;

describe.skipIf(missing !== '')(`deployments that appear while a connector is up${missing}`, () => {
  let line: Line;
  let connector: ConnectorService;
  let health: string;

  beforeAll(async () => {
    line = await openLine({ entry: 'test/support/apps/growing/first.ts', jobs: 'together', webUrl, brokerUrl, name: 'appear' });
    ({ connector, health } = await line.startConnector());
  }, START_TIMEOUT_MS);
  afterAll(() => line.close(), START_TIMEOUT_MS);

  const start = (run: string, app: string, workflow: string, more: { readonly input?: unknown; readonly deployment?: string } = {}) => {
    const { input = null, ...deployment } = more;
    const draft: InboxDraft = { type: 'StartRun', run, app, workflow, input: { json: input }, inputHash: '', tags: {}, requestId: run };
    return line.send([{ ...draft, ...deployment }]);
  };
  const tell = (run: string, word: string) =>
    line.send([{ type: 'Signal', run, signal: 'word', value: { json: word }, requestId: `word to ${run}` }]);
  const find = <T extends RunEventType>(run: string, type: T): EventOf<T> | undefined =>
    line.history.listEvents(run).find((event): event is EventOf<T> => event.type === type);
  const until = (run: string, type: RunEventType): Promise<void> =>
    line.history.until(`${run} has ${type}`, APPEAR_TIMEOUT_MS, () => find(run, type) !== undefined);

  it('a name that a known app does not have is refused at once', async () => {
    await start('misspelt', 'growing', 'part');
    await until('misspelt', 'RunRefused');
    expect(find('misspelt', 'RunRefused')?.failure.code).toBe('WORKFLOW_UNKNOWN');
    expect(find('misspelt', 'RunBlocked')).toBeUndefined();
  });

  it('a run of an unknown app waits for it, and goes on when it is deployed', async () => {
    await start('early', 'schemas', 'sell', { input: { id: 'order-7' } });
    await until('early', 'RunBlocked');
    expect(find('early', 'RunBlocked')?.failure.code).toBe('APP_UNKNOWN');
    await line.aws.deploy(
      await bundleApp('test/support/apps/schemas/app.ts', { outDir: join(line.aws.scratch, 'schemas'), deployment: 's1' }),
    );
    await until('early', 'RunCompleted');
    expect(find('early', 'RunCompleted')?.output).toEqual({ json: 'order-7' });
    expect(find('early', 'DeploymentChanged')?.deployment).toBe('s1');
  });

  it('a second deployment takes what starts from then on, and the run of the first one stays on it', async () => {
    await start('old', 'growing', 'greet');
    await until('old', 'StatusSet');
    await start('ahead', 'growing', 'part', { input: 'ann', deployment: 'd2' });
    await until('ahead', 'RunBlocked');
    expect(find('ahead', 'RunBlocked')?.failure.code).toBe('DEPLOYMENT_UNKNOWN');
    const second = { outDir: join(line.aws.scratch, 'second'), deployment: 'd2', order: Date.now() };
    await line.aws.deploy(await bundleApp('test/support/apps/growing/second.ts', second));
    await until('ahead', 'RunCompleted');
    expect(find('ahead', 'RunCompleted')?.output).toEqual({ json: 'waved to ann' });

    await start('new', 'growing', 'greet');
    await Promise.all([tell('old', 'hello'), tell('new', 'hello')]);
    await line.history.untilEnded(['old', 'new'], APPEAR_TIMEOUT_MS);
    expect(['old', 'new'].map((run) => [find(run, 'RunStarted')?.deployment, find(run, 'RunCompleted')?.output])).toEqual([
      ['d1', { json: 'first hello' }],
      ['d2', { json: 'second hello' }],
    ]);
    expect(find('old', 'DeploymentChanged')).toBeUndefined();
  });

  it('all of it by the one connector that was there before, which is ready still', async () => {
    expect(connector.hasEnded).toBe(false);
    expect((await fetch(`${health}/ready`)).status).toBe(200);
    expect(connector.log.split('\n').filter((entry) => entry.includes('"msg":"ready"'))).toHaveLength(1);
  });
});
