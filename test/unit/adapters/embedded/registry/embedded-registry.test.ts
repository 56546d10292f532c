// The folder of manifests, into which others put theirs as well.
import { describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../../../../src/adapters/embedded/registry/embedded-registry.ts';
import { writeWholeFile, type FileLayer } from '../../../../../src/adapters/embedded/files/file-layer.ts';
import { makeMemoryFileLayer } from '../../../../../src/adapters/embedded/files/memory-file-layer.ts';
import type { Manifest } from '../../../../../src/protocol/manifest.ts';
import { makeVirtualClock, type VirtualClock } from '../../../../../src/testing/virtual-clock.ts';

const CALL = { timeoutMs: 1000 };

const makeManifest = (deployment: string, order: number): Manifest => ({
  v: 1,
  app: 'booking',
  deployment,
  order,
  decisionFunction: 'd',
  jobRetryFunction: 'r',
  workflows: [],
  jobs: [],
  schedules: [],
});

/** Names of folders are those before a slash in the memory layer: it knows files only. */
const listFolders = (layer: FileLayer): FileLayer => ({
  ...layer,
  list: async (folder) => (folder === '/manifests' ? ['booking'] : layer.list(folder)),
});

const turn = async (): Promise<void> => {
  for (let count = 0; count < 10; count++) await new Promise((resolve) => setImmediate(resolve));
};

interface Opened {
  readonly layer: FileLayer;
  readonly clock: VirtualClock;
  readonly registry: EmbeddedRegistry;
  readonly reports: string[];
  /** Puts a file as another process would. */
  readonly putFile: (name: string, text: string) => Promise<void>;
}

const open = (): Opened => {
  const layer = listFolders(makeMemoryFileLayer());
  const clock = makeVirtualClock();
  const reports: string[] = [];
  const registry = new EmbeddedRegistry({ layer, folder: '/manifests', clock, report: (_, doing) => reports.push(doing) });
  const putFile = (name: string, text: string): Promise<void> =>
    writeWholeFile(layer, `/manifests/booking/${name}`, Buffer.from(text), '/scratch');
  return { layer, clock, registry, reports, putFile };
};

describe('the folder of manifests', () => {
  it('tells watchers within a second of what others put there', async () => {
    const { clock, registry, putFile } = open();
    await putFile('before.json', JSON.stringify(makeManifest('before', 1)));
    const seen: number[] = [];
    const stop = registry.watch(({ order }) => seen.push(order));
    await turn();
    await putFile('d1.json', JSON.stringify(makeManifest('d1', 2)));
    clock.advance(1000);
    await turn();
    await putFile('d1.json', JSON.stringify(makeManifest('d1', 3)));
    clock.advance(1000);
    await turn();
    clock.advance(5000);
    await turn();
    expect(seen).toEqual([2, 3]);
    stop();
    expect(clock.timers).toBe(0);
  });

  it('reports what is no manifest, once, and lists the others', async () => {
    const { clock, registry, reports, putFile } = open();
    await putFile('sound.json', JSON.stringify(makeManifest('sound', 1)));
    await putFile('broken.json', '{"v":1');
    await putFile('other.txt', 'no manifest at all');
    const stop = registry.watch(() => undefined);
    for (let count = 0; count < 3; count++) {
      await turn();
      clock.advance(1000);
    }
    expect((await registry.list(CALL)).map(({ deployment }) => deployment)).toEqual(['sound']);
    expect(reports).toEqual(['reading the manifest /manifests/booking/broken.json']);
    stop();
  });

  it('does not look while nobody watches', async () => {
    const { clock, registry } = open();
    await registry.put(makeManifest('d1', 1), CALL);
    await registry.list(CALL);
    expect(clock.timers).toBe(0);
  });
});
