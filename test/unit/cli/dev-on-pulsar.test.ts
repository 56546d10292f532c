// `starquake dev --pulsar` starts on a Pulsar that belongs to its data folder, or says why it does not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMemoryAdministration, type MemoryAdministration } from '../../support/pulsar/memory-administration.ts';
import { runCommand, type Outcome } from './fake-terminal.ts';

const probe = resolve(import.meta.dirname, '../../support/apps/probe/app.ts');

let scratch: string;
let pulsar: MemoryAdministration;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'starquake-dev-pulsar-'));
  pulsar = await startMemoryAdministration();
});
afterEach(async () => {
  await pulsar.close();
  await rm(scratch, { recursive: true, force: true });
});

const dev = (...words: readonly string[]): Promise<Outcome> =>
  runCommand(['dev', probe, '--port', '0', '--data', join(scratch, 'data'), ...words]);

describe('dev on a Pulsar', () => {
  it('ends with 3 where there is none, and says so', async () => {
    expect(await dev('--pulsar', 'http://127.0.0.1:1')).toMatchObject({ code: 3, stderr: expect.stringMatching(/^BUS_UNREACHABLE: /) });
  });

  it('ends with 2 when it is to keep nothing: what is on a Pulsar stays there', async () => {
    expect(await dev('--pulsar', pulsar.webUrl, '--memory')).toMatchObject({ code: 2, stderr: expect.stringContaining('--memory') });
    expect(pulsar.changes).toEqual([]);
  });

  it('is refused on the namespace of another data folder, and changes nothing there', async () => {
    await fetch(`${pulsar.webUrl}/admin/v2/namespaces/starquake/main`, { method: 'PUT' });
    await fetch(`${pulsar.webUrl}/admin/v2/namespaces/starquake/main/property/starquake-stores/another`, { method: 'PUT' });
    const changed = pulsar.changes.length;
    expect(await dev('--pulsar', pulsar.webUrl)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^DATA_MISMATCH: /) });
    expect(pulsar.changes.length).toBe(changed);
  });

  it('is refused where the inbox has another number of partitions', async () => {
    await runCommand(['topics', 'apply', '--pulsar', pulsar.webUrl, '--inbox-partitions', '8']);
    expect(await dev('--pulsar', pulsar.webUrl)).toMatchObject({ code: 4, stderr: expect.stringMatching(/^TOPIC_FIXED: .*8 partitions/) });
  });
});
