// Proves how manifests lie in parameters, and what the registry makes of parameters that are torn, wrong or gone.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSsmRegistry, type SsmRegistry } from '../../../../src/adapters/ssm/ssm-registry.ts';
import type { Manifest } from '../../../../src/protocol/manifest.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../src/testing/virtual-clock.ts';
import { startFakeSsm, type FakeSsm } from './fake-ssm.ts';

const CALL = { timeoutMs: 5_000 };
const FOLDER = '/starquake/test';

/** Names that do not compress, so that many of them need several parameters. */
const makeManifest = (deployment: string, workflows = 1): Manifest => ({
  v: 1,
  app: 'booking',
  deployment,
  order: 1,
  decisionFunction: `booking.decision@${deployment}`,
  jobRetryFunction: `booking.job-retry@${deployment}`,
  workflows: Array.from({ length: workflows }, (_, at) => ({ name: `w${(at * 2_654_435_761 + 12_345).toString(36)}` })),
  jobs: [],
  schedules: [],
});
const LARGE = 2_000;

let ssm: FakeSsm;
let clock: VirtualClock;
let registry: SsmRegistry;
let reports: string[];
let told: string[];

beforeEach(async () => {
  ssm = await startFakeSsm();
  clock = makeVirtualClock();
  reports = [];
  told = [];
  registry = openSsmRegistry({
    clock,
    folder: FOLDER,
    client: ssm.client,
    random: () => 0.5,
    report: (error, doing) => void reports.push(`${doing}: ${error instanceof Error ? error.message : String(error)}`),
  });
});
afterEach(async () => {
  registry.close();
  await ssm.close();
});

/** Has the registry look once more, and waits until it has. */
const look = async (): Promise<void> => {
  clock.advance(10_000);
  await registry.list(CALL);
};
const watch = async (): Promise<() => void> => {
  const stop = registry.watch(({ deployment, workflows }) => void told.push(`${deployment}/${workflows.length}`));
  await registry.list(CALL);
  return stop;
};

describe('a manifest in parameters', () => {
  it('is one parameter of the standard tier, named after app and deployment', async () => {
    await registry.put(makeManifest('d1'), CALL);
    await registry.put(makeManifest('ü/2'), CALL);
    expect([...ssm.parameters.keys()]).toEqual([`${FOLDER}/booking/d1/manifest`, `${FOLDER}/booking/_c3bc__2f_2/manifest`]);
  });

  it('that is large is cut into parts, written before the parameter that names them', async () => {
    await registry.put(makeManifest('d1', LARGE), CALL);
    const names = [...ssm.parameters.keys()];
    expect(names.length).toBeGreaterThan(2);
    expect(names.at(-1)).toBe(`${FOLDER}/booking/d1/manifest`);
    expect(await registry.list(CALL)).toEqual([makeManifest('d1', LARGE)]);
  });

  it('leaves nothing behind when another one takes its place', async () => {
    await registry.put(makeManifest('d1', LARGE), CALL);
    await registry.put(makeManifest('d1', 1), CALL);
    expect(ssm.parameters.size).toBe(1);
  });

  it('is found among more of them than one page holds', async () => {
    for (let at = 0; at < 23; at++) await registry.put(makeManifest(`d${at}`), CALL);
    expect(await registry.list(CALL)).toHaveLength(23);
  });
});

describe('a look', () => {
  it('tells of what others put, once', async () => {
    const other = openSsmRegistry({ clock, folder: FOLDER, client: ssm.client, report: () => undefined });
    await watch();
    await other.put(makeManifest('d1'), CALL);
    await look();
    await look();
    other.close();
    expect(told).toEqual(['d1/1']);
  });

  it('waits for a manifest whose parts are not all there, and keeps the one before it', async () => {
    await registry.put(makeManifest('d1', 3), CALL);
    await watch();
    const other = openSsmRegistry({ clock, folder: FOLDER, client: ssm.client, report: () => undefined });
    await other.put(makeManifest('d1', LARGE), CALL);
    other.close();
    const [part = '', text = ''] = [...ssm.parameters].find(([name]) => name.endsWith('/0')) ?? [];
    ssm.parameters.delete(part);
    await look();
    expect(await registry.list(CALL)).toEqual([makeManifest('d1', 3)]);
    ssm.parameters.set(part, text);
    await look();
    expect(told).toEqual([`d1/${LARGE}`]);
  });

  it('reports a parameter that holds no manifest, once, and tells of the others', async () => {
    await watch();
    ssm.parameters.set(`${FOLDER}/booking/broken/manifest`, '{"v":1');
    ssm.parameters.set(`${FOLDER}/booking/wrong/manifest`, JSON.stringify({ v: 1, sha256: '0', gzip: 'bm8=' }));
    await registry.put(makeManifest('d1'), CALL);
    await look();
    await look();
    expect(reports).toEqual([expect.stringContaining('/broken/manifest: '), expect.stringContaining('/wrong/manifest: ')]);
    expect(await registry.list(CALL)).toEqual([makeManifest('d1')]);
  });

  it('forgets what is deleted and tells nobody', async () => {
    await registry.put(makeManifest('d1'), CALL);
    await watch();
    ssm.parameters.clear();
    await look();
    expect(told).toEqual([]);
    expect(await registry.list(CALL)).toEqual([]);
  });

  it('that fails is reported, and the next one comes all the same', async () => {
    await watch();
    ssm.fault = 'AccessDeniedException';
    clock.advance(10_000);
    await expect(registry.list(CALL)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    ssm.fault = undefined;
    ssm.parameters.clear();
    await registry.put(makeManifest('d1'), CALL);
    expect(reports).toEqual([expect.stringContaining('looking for manifests: ssm.list was refused: AccessDenied')]);
    expect(told).toEqual(['d1/1']);
  });

  it('comes a little earlier than it might, by chance, and no more once nobody watches', async () => {
    const stop = await watch();
    expect((clock.nextAt ?? 0) - clock.now()).toBe(9_000);
    stop();
    expect(clock.timers).toBe(0);
  });
});

it('a call that is not answered ends at its deadline', async () => {
  ssm.fault = 'hang';
  await expect(registry.list({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'CALL_TIMED_OUT' });
});
