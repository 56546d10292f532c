// What the doctor prints, answers and ends with.
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { findOffset, judgeOffset } from '../../../../src/cli/doctor/check-clocks.ts';
import type { DoctorPieces } from '../../../../src/cli/doctor/compose-parts.ts';
import { ok, skipped, warning, wrong } from '../../../../src/cli/doctor/finding.ts';
import { formatBytes } from '../../../../src/cli/doctor/format-bytes.ts';
import { printReport } from '../../../../src/cli/doctor/print-report.ts';
import { writePulsarFlags } from '../../../../src/cli/write-pulsar-flags.ts';
import { addDoctorCommand } from '../../../../src/cli/doctor-command.ts';
import { readPulsarOptions } from '../../../../src/cli/options/pulsar-options.ts';
import { doctorPieces } from '../../../../src/cli/compose.ts';
import { makePulsar, NOW } from '../../../support/doctor/healthy-parts.ts';
import { reject } from '../../../support/doctor/plant.ts';

const run = async (words: readonly string[], pieces: DoctorPieces): Promise<{ readonly code: number; readonly text: string }> => {
  let [code, text] = [0, ''];
  const program = new Command('starquake').option('--json').option('--url <url>', '', 'http://127.0.0.1:1').exitOverride();
  const terminal = {
    write: (part: string) => void (text += part),
    complain: (part: string) => void (text += part),
    isWatched: false,
    readInput: () => Promise.resolve(''),
    url: '',
    endWith: (wanted: number) => void (code = wanted),
    quit: () => undefined,
    onInterrupt: () => () => undefined,
  };
  addDoctorCommand(program, terminal, () => Promise.resolve(pieces));
  await program.parseAsync(['doctor', '--data', 'no-such-folder', '--pulsar', 'http://pulsar:8080', ...words], { from: 'user' });
  return { code, text };
};
const inspect = (reads: Partial<ReturnType<typeof makePulsar>>): DoctorPieces => ({
  ...doctorPieces,
  // Nothing is waited for: what is looked at twice stays as it is.
  clock: {
    now: () => NOW,
    setTimer: (_at, fn) => {
      queueMicrotask(fn);
      return () => undefined;
    },
  },
  loadNativeClient: () => Promise.reject(new Error('There is none.')),
  inspectPulsar: () => makePulsar(reads),
});

describe('the report', () => {
  it('has a line for each check, and under it why and what to do, once for all that are alike', () => {
    const results = [
      { name: 'broker', level: 'ok', findings: [ok('It answers.')] },
      {
        name: 'dead letters',
        level: 'wrong',
        findings: [wrong('One.', 'W.', 'F.'), wrong('Two.', 'W.', 'F.'), warning('Three.', 'V.', 'G.'), ok('Four.')],
      },
      { name: 'api', level: 'skipped', findings: [skipped('Nobody.')] },
    ] as const;
    expect(printReport(results).split('\n')).toEqual([
      'ok       broker        It answers.',
      'wrong    dead letters  One.',
      '                       Two.',
      '                         why: W.',
      '                         fix: F.',
      '                       warning: Three.',
      '                         why: V.',
      '                         fix: G.',
      'skipped  api           Nobody.',
      '',
      '2 things are wrong, 1 warning, 1 not looked at.',
    ]);
  });

  it('is one JSON document with --json, and ends with 0 when nothing is wrong', async () => {
    const { code, text } = await run(['--json'], inspect({}));
    expect(JSON.parse(text)).toMatchObject({
      wrong: 0,
      checks: expect.arrayContaining([expect.objectContaining({ name: 'topics', level: 'ok' })]),
    });
    expect(code).toBe(0);
  });

  it('ends with 1 when something is wrong, and with 3 when all that is wrong is that the broker cannot be reached', async () => {
    expect((await run([], inspect({ readStorage: () => Promise.resolve({ entries: 1, closedBytes: 0 }) }))).code).toBe(1);
    const away = await run([], inspect({ ask: reject('BUS_UNREACHABLE', 'Nobody is there.') }));
    expect(away.code).toBe(3);
    expect(away.text).toMatch(/^wrong +broker +Nobody is there\.$/m);
  });

  it('names the Pulsar in its commands as it was named', () => {
    const given = { pulsar: 'http://p:8080/', namespace: 'a/b', tokenFile: "it's here", inboxPartitions: '8', offloadThreshold: 'off' };
    const options = readPulsarOptions(given, {});
    expect(options && writePulsarFlags(options)).toBe(
      `--pulsar http://p:8080 --namespace a/b --token-file 'it'\\''s here' --inbox-partitions 8 --offload-threshold off`,
    );
  });

  it('writes sizes for people', () => {
    expect([0, 512, 1536, 100 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '512 B', '1.5 KiB', '100 GiB']);
  });
});

describe('clocks', () => {
  const readings = [0, 230, 460, 690, 920];
  const readClock = (aheadMs: number, answerMs = 10): ReturnType<typeof findOffset> =>
    findOffset(
      readings.map((askedAt) => {
        const servedAt = Math.floor((askedAt + answerMs / 2 + aheadMs) / 1000) * 1000;
        return { askedAt, servedAt, answeredAt: askedAt + answerMs };
      }),
    );

  it('are told by several readings to a quarter of a second, though each tells whole seconds', () => {
    for (const aheadMs of [-90_000, -1234, -1, 0, 300, 999, 12_345]) {
      const { least, most } = readClock(aheadMs);
      expect(least).toBeLessThanOrEqual(aheadMs);
      expect(most).toBeGreaterThanOrEqual(aheadMs);
      expect(most - least).toBeLessThan(350);
    }
  });

  it.each([
    [900, 'ok'],
    [-900, 'ok'],
    [1600, 'warning'],
    [-1600, 'warning'],
    [10_600, 'wrong'],
    [-10_600, 'wrong'],
  ])('that are %i ms off are %s', (aheadMs, level) => {
    expect(judgeOffset('there', readClock(aheadMs)).level).toBe(level);
  });

  it('are not blamed for an answer that was slow', () => {
    expect(judgeOffset('there', readClock(0, 4000)).level).toBe('ok');
  });
});
