// Proves how a connector lives as a service: ready once it reads, not ready when it drains or has given up, ended in good order.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runService, type ServiceEnd } from '../../../src/connector/run-service.ts';
import { loadDesk } from '../../support/apps/desk/load-desk.ts';
import { openStage, type Stage } from '../../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;
let told: { readonly message: string; readonly about: object | undefined }[];
let end: (why: string) => void;
let ended: Promise<ServiceEnd>;

const readMetrics = (): Promise<string> => Promise.resolve('');

beforeEach(async () => {
  stage = await openStage({ app: desk });
  told = [];
  const asked = Promise.withResolvers<string>();
  end = asked.resolve;
  ended = runService({
    ports: stage.ports,
    settings: stage.settings,
    health: { host: '127.0.0.1', port: 0 },
    readMetrics,
    tell: (message, about) => void told.push({ message, about }),
    ended: asked.promise,
    armDeadline: () => undefined,
  });
  await stage.until(() => told.length > 0);
});
afterEach(async () => {
  end('the test is over');
  await ended;
  await stage.close();
});

const ask = async (): Promise<unknown> => {
  const { healthPort } = { healthPort: 0, ...told[0]?.about };
  const answer = await fetch(`http://127.0.0.1:${healthPort}/ready`);
  return [answer.status, await answer.json()];
};

describe('a connector as a service', () => {
  it('is ready once it reads', async () => {
    expect(told[0]?.message).toBe('ready');
    expect(await ask()).toEqual([200, { ready: true, obstacles: [] }]);
  });

  it('runs runs', async () => {
    await stage.start('run', 'one-job', 1);
    expect(await stage.types('run')).toContain('RunCompleted');
  });

  it('finishes what is in hand when it is asked to end, and says why', async () => {
    end('SIGTERM');
    expect(await ended).toBe('drained');
    expect(told.map(({ message }) => message)).toEqual(['ready', 'draining', 'ended']);
    expect(told[1]?.about).toEqual({ why: 'SIGTERM' });
  });

  it('is not ready once it has met a message of a newer version', async () => {
    await stage.publish([{ topic: 'inbox', key: 'run', id: 'new', body: JSON.stringify({ v: 999, type: 'StartRun', run: 'run' }) }]);
    expect(await ask()).toMatchObject([503, { ready: false, obstacles: [expect.stringContaining('newer version')] }]);
  });
});
