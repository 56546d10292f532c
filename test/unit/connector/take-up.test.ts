// Proves that a deployment which cannot be taken up is nobody's trouble but its own, and is taken up as soon as it can be.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startConnector, type Connector } from '../../../src/connector/connector.ts';
import type { Bus } from '../../../src/ports/bus.ts';
import { StarquakeError } from '../../../src/protocol/starquake-error.ts';
import { loadDesk } from '../../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;
let connector: Connector | undefined;
/** How often topics of the other app were asked for. */
let asked: number;
/** What the broker says to that, if it refuses. */
let refusal: StarquakeError | undefined;

const fixed = new StarquakeError('TOPIC_FIXED', 'The topic has another number of partitions.');
const unreachable = new StarquakeError('BUS_UNREACHABLE', 'Nobody answers.');

const refuseTopics = (bus: Bus): Bus => ({
  declareTopics: async (topics, options) => {
    const isOther = topics.some(({ name }) => name.startsWith('jobs.other.'));
    if (isOther) asked += 1;
    if (isOther && refusal) throw refusal;
    await bus.declareTopics(topics, options);
  },
  readStream: (...parameters) => bus.readStream(...parameters),
  publish: (...parameters) => bus.publish(...parameters),
  subscribeStream: (...parameters) => bus.subscribeStream(...parameters),
  subscribeQueue: (...parameters) => bus.subscribeQueue(...parameters),
});

const deployOther = (order = 1, more: { readonly jobs?: [] } = {}): Promise<void> =>
  stage.deploy(desk, { deployment: 'one', order }, (manifest) => ({ ...manifest, ...more, app: 'other' }));
const connect = async (): Promise<void> => {
  const starting = startConnector({ ...stage.ports, bus: refuseTopics(stage.ports.bus) }, stage.settings);
  void starting.then((started) => (connector = started));
  await stage.settle();
};

beforeEach(async () => {
  [asked, refusal, connector] = [0, undefined, undefined];
  stage = await openStage({ app: desk });
});
afterEach(async () => {
  await connector?.stop();
  await stage.close();
});

describe('a deployment whose topics are refused', () => {
  beforeEach(async () => {
    refusal = fixed;
    await deployOther();
    await connect();
  });

  it('keeps the connector neither from starting nor from running what else there is, and is reported by its name', async () => {
    expect(connector).toBeDefined();
    await stage.start('run', 'one-job', 1);
    expect(await stage.types('run')).toContain('RunCompleted');
    expect(stage.reports).toContainEqual({ error: fixed, doing: 'taking up the deployment "one" of the app "other"' });
  });

  it('is tried again: a run that waits for it goes on when they are granted', async () => {
    await stage.start('run', 'one-job', 1, { app: 'other' });
    expect(await stage.events('run', 'RunBlocked')).toMatchObject([{ failure: { code: 'APP_UNKNOWN' } }]);
    refusal = undefined;
    await stage.pass('2m');
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('is not tried any longer once another manifest is in its place', async () => {
    await deployOther(2, { jobs: [] });
    await stage.pass('10s');
    const before = asked;
    await stage.pass('10m');
    expect(asked).toBe(before);
  });
});

describe('a deployment whose topics cannot be made just now', () => {
  beforeEach(async () => {
    refusal = unreachable;
    await deployOther();
    await connect();
  });

  it('is waited for, so that its runs need not wait', async () => {
    expect(connector).toBeUndefined();
    refusal = undefined;
    await stage.pass('1s');
    await stage.start('run', 'one-job', 1, { app: 'other' });
    expect(await stage.types('run')).toEqual(expect.arrayContaining(['RunStarted', 'RunCompleted']));
    expect(await stage.types('run')).not.toContain('RunBlocked');
  });

  it('is not waited for without end', async () => {
    await stage.pass('5s');
    expect(connector).toBeDefined();
  });
});
