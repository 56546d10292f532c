// What the doctor finds on this machine by itself: apps and their functions, the data folder and who has it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../../../src/adapters/embedded/files/folder-lock.ts';
import { checks } from '../../../../src/cli/doctor/list-checks.ts';
import { composeParts } from '../../../../src/cli/doctor/compose-parts.ts';
import { runChecks, type CheckResult } from '../../../../src/cli/doctor/run-checks.ts';
import { startStandIn } from '../../../support/pulsar/stand-in.ts';
import { doctorPieces } from '../../../../src/cli/compose.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'starquake-doctor-test-'))));
afterEach(() => rm(folder, { recursive: true }));

const look = async (name: string, entries: readonly string[] = []): Promise<CheckResult | undefined> => {
  const settings = { entries, pulsar: undefined, data: folder, url: 'http://127.0.0.1:1' };
  const { parts, close } = await composeParts(doctorPieces, settings);
  try {
    const [result] = await runChecks(
      checks.filter((check) => check.name === name),
      parts,
    );
    return result;
  } finally {
    await close();
  }
};

describe('credentials that a Pulsar does not take', () => {
  it('are told once, with how to give others; what they may not look at is skipped', async () => {
    const standIn = await startStandIn({ onAdmin: (_, path) => (path.startsWith('/ws/') ? { status: 405 } : { status: 401 }) });
    const access = { webUrl: standIn.webUrl, tenant: 'acme', namespace: 'main' };
    const pulsar = { access, flags: '', inboxPartitions: 64, adapter: 'websocket' } as const;
    const { parts, close } = await composeParts(doctorPieces, { entries: [], pulsar, data: folder, url: 'http://127.0.0.1:1' });
    try {
      const results = await runChecks(
        checks.filter(({ name }) => name !== 'functions'),
        parts,
      );
      const wrong = results.filter(({ level }) => level === 'wrong');
      expect(wrong).toMatchObject([
        { name: 'credentials', findings: [{ code: 'BUS_REFUSED', fix: expect.stringContaining('--token-file') }] },
      ]);
      expect(results.find(({ name }) => name === 'topics')?.level).toBe('skipped');
    } finally {
      await close();
      await standIn.close();
    }
  });
});

describe('on this machine', () => {
  it('the functions of an app that is named answer, and so does the timer function', async () => {
    const found = await look('functions', ['workflows/booking/app.ts']);
    expect(found?.findings.map(({ level, what }) => [level, what.split(' ')[0]])).toEqual([
      ['ok', 'starquake.timer'],
      ['ok', 'booking.decision@doctor'],
      ['ok', 'booking.job-retry@doctor'],
    ]);
  });

  it('an app that does not bundle is wrong, and the others are looked at all the same', async () => {
    const entry = join(folder, 'app.ts');
    await writeFile(entry, 'export default {');
    const found = await look('functions', [entry, 'workflows/booking/app.ts']);
    expect(found?.findings.map(({ level }) => level)).toEqual(['wrong', 'ok', 'ok', 'ok']);
    expect(found?.findings[0]).toMatchObject({ code: 'BUNDLE_FAILED', what: expect.stringContaining('app.ts') });
  });

  it('a data folder is free, or held by somebody who is named', async () => {
    await mkdir(join(folder, 'journal'));
    expect(await look('data')).toMatchObject({ level: 'ok', findings: [{ what: expect.stringContaining('there and free') }] });
    const unlock = await lockFolder(folder);
    try {
      const holder = expect.stringContaining(`used by process ${process.pid}`);
      expect(await look('data')).toMatchObject({ level: 'ok', findings: [{ what: holder }] });
      expect(await look('api')).toMatchObject({ level: 'warning', findings: [{ what: holder }] });
    } finally {
      await unlock();
    }
    expect(await look('api')).toMatchObject({ level: 'skipped' });
  });

  it('looking leaves the folder as it was: another engine may have it at once', async () => {
    await look('data');
    const unlock = await lockFolder(folder);
    expect(unlock).toBeTypeOf('function');
    await unlock();
  });

  it('a folder that is not there yet is nothing wrong', async () => {
    await rm(folder, { recursive: true });
    expect(await look('data')).toMatchObject({ level: 'skipped' });
    await mkdir(folder);
  });
});
