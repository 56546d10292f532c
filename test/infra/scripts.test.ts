// Scripts of machines are run on a folder that stands for the machine's own, with programs that note what they are asked.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderUnits } from '../../lib/machines/render-units.ts';
import { listVariables } from '../../lib/machines/render-variables.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';

let machine: string;
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'starquake-scripts-'));
  put('/etc/starquake/node.env', "STARQUAKE_NAME='starquake'\nSTARQUAKE_HOST='bookie-4'\n");
});
afterEach(() => rmSync(machine, { recursive: true }));

const put = (path: string, text: string | Uint8Array, mode = 0o644): void => {
  mkdirSync(dirname(join(machine, path)), { recursive: true });
  writeFileSync(join(machine, path), text);
  chmodSync(join(machine, path), mode);
};
/** Every folder of the machine's own is in that of the test. */
const move = (text: string): string => text.replaceAll(/\/(?:opt|etc|data|var\/log)\/(?=\w)/g, (place) => `${machine}${place}`);
const putProgram = (path: string, line: string): void => put(path, `#!/usr/bin/env bash\n${line}\n`, 0o755);

/** Runs a script of `lib/machines/scripts`. @returns the status it ended with */
const play = (name: string, ...words: readonly string[]): number | null => {
  const text = readFileSync(new URL(`../../lib/machines/scripts/${name}.sh`, import.meta.url), 'utf8');
  put(`/opt/starquake/bin/${name}`, move(text), 0o755);
  const environment = { PATH: `${join(machine, 'stand-ins')}${delimiter}${process.env['PATH'] ?? ''}` };
  return spawnSync(join(machine, 'opt/starquake/bin', name), words, { env: environment, stdio: 'ignore' }).status;
};

/** Puts a log of the bookie that was written to on this day. */
const putLog = (name: string, text: string | Uint8Array, day: number): void => {
  const path = join('/var/log/starquake', name);
  put(path, text);
  utimesSync(join(machine, path), day * 86_400, day * 86_400);
};
const BEGUN = 'INFO  Event: PREBOOT_START, RunId: 1, Reason: INVALID_COOKIE\n';
const ENDED = 'INFO  Event: CLEAR_INTEGCHECK_FLAG, runId: 2\n';
/** As a machine leaves it that ends while it compresses. */
const broken = gzipSync(BEGUN).subarray(0, 15);

describe('the check whether a bookie has fetched all that it should hold', () => {
  beforeEach(() => putLog('bookie.log', 'INFO  up\n', 9));

  it('says yes where it never lacked anything, and where it has fetched it since', () => {
    expect(play('check', 'filled')).toBe(0);
    putLog('bookie.log.2.gz', gzipSync(BEGUN), 7);
    putLog('bookie.log.1', ENDED, 8);
    expect(play('check', 'filled')).toBe(0);
  });

  it('says no with a status of its own, however old the log is that tells', () => {
    putLog('bookie.log.30.gz', gzipSync(Buffer.from(`${ENDED}\xFF${BEGUN}`, 'latin1')), 7);
    expect(play('check', 'filled')).toBe(3);
  });

  it('is not led astray by a log that was being compressed when the machine ended', () => {
    putLog('bookie.log.1.gz', broken, 8);
    expect(play('check', 'filled')).toBe(0);
    putLog('bookie.log.1', BEGUN, 8);
    expect(play('check', 'filled')).toBe(3);
  });

  it('says neither where there are no logs to tell', () => {
    rmSync(join(machine, 'var/log/starquake'), { recursive: true });
    expect(play('check', 'filled')).toBe(1);
  });

  it('has the status of every other check when it waits', () => {
    putLog('bookie.log', BEGUN, 9);
    expect(play('check', 'filled', '0')).toBe(1);
  });
});

describe('the preparation of a bookie', () => {
  const versions = ['/data/journal/current/VERSION', '/data/ledgers/current/VERSION'];
  const listKept = (): readonly string[] => versions.filter((path) => existsSync(join(machine, path)));
  beforeEach(() => {
    for (const path of versions) put(path, '5\n');
  });
  const playAfter = (check: string): number | null => {
    putProgram('/opt/starquake/bin/check', `[[ $* == filled ]] || exit 64\n${check}`);
    return play('prepare-bookie');
  };

  it('takes nothing from one that is full', () => {
    expect(playAfter('exit 0')).toBe(0);
    expect(listKept()).toEqual(versions);
  });

  it('has one begin anew that ended before it was full', () => {
    expect(playAfter('exit 3')).toBe(0);
    expect(listKept()).toEqual([]);
  });

  it('takes nothing, and starts nothing, where nobody can tell', () => {
    for (const check of ['exit 1', 'exit 2', 'kill -9 $$']) expect([playAfter(check), listKept()]).toEqual([1, versions]);
  });
});

describe('a restart', () => {
  const STATUS = '/etc/pulsar/in-service';
  const isServing = (): boolean => existsSync(join(machine, STATUS));
  /** What the unit of a role does before each start, of what changes the machine. */
  const start = (role: 'broker' | 'proxy' | 'standalone'): void => {
    const unit = renderUnits({ roles: [role], isFirst: false }).find(({ name }) => name === `starquake-${role}.service`)?.text ?? '';
    for (const [, line = ''] of unit.matchAll(/^ExecStartPre=\+(.+)$/gm)) expect(spawnSync('sh', ['-c', move(line)]).status).toBe(0);
  };
  beforeEach(() => {
    put(STATUS, 'OK\n');
    putProgram('/stand-ins/sleep', `echo "sleep $*" >>${join(machine, 'asked')}`);
  });
  const listen = (then: string): void =>
    putProgram('/stand-ins/systemctl', `echo "$* $(ls ${join(machine, 'etc/pulsar')})" >>${join(machine, 'asked')}\n${then}`);
  const readAsked = (): string => readFileSync(join(machine, 'asked'), 'utf8');

  it('takes out of service first what serves clients, a proxy for as long as load balancers need to see it', () => {
    listen('exit 0');
    for (const role of ['broker', 'proxy']) expect(play('restart', role)).toBe(0);
    expect(readAsked()).toBe('restart starquake-broker.service \nsleep 35\nrestart starquake-proxy.service \n');
  });

  it('leaves in service what serves nobody', () => {
    listen('exit 0');
    expect(play('restart', 'bookie')).toBe(0);
    expect(readAsked()).toBe('restart starquake-bookie.service in-service\n');
  });

  it.each(['broker', 'proxy', 'standalone'] as const)(
    'of a %s that was cut off leaves nothing that its next start does not mend',
    (role) => {
      listen('kill -9 $PPID');
      expect(play('restart', role)).toBeNull();
      expect(isServing()).toBe(false);
      start(role);
      expect(readFileSync(join(machine, STATUS), 'utf8')).toBe('OK\n');
    },
  );
});

describe('taking a bookie out for good', () => {
  it('ends for all boots what starts it and what tells in which zone it is, before it is forgotten', () => {
    const note = `echo "$(basename "$0") $*" >>${join(machine, 'asked')}`;
    for (const path of ['/opt/starquake/bin/check', '/opt/starquake/bin/tool', '/stand-ins/systemctl', '/stand-ins/runuser'])
      putProgram(path, note);
    expect(play('decommission-bookie')).toBe(0);
    const asked = readFileSync(join(machine, 'asked'), 'utf8').trimEnd().split('\n');
    expect(asked.filter((line) => line.startsWith('systemctl'))).toEqual([
      'systemctl disable --now starquake-rack.service',
      'systemctl disable --now starquake-bookie.service',
    ]);
    expect(asked.at(-1)).toBe('tool pulsar-admin bookies delete-bookie-rack --bookie bookie-4:3181');
  });
});

describe('fetching software', () => {
  const [pulsar, offloaders, connector] = ['a', 'b', 'c'].map((digit) => ({ version: `1.0.${digit}`, sha256: digit.repeat(64) }));
  const settings = readSettings({ artefacts: { pulsar, offloaders, connector } });
  const surroundings = { artefactBucket: 'artefacts', offloadBucket: 'history', valueBucket: 'values', keyArn: 'key' };
  /** What a machine fetches that runs this, and what it holds each against. */
  const fetchFor = (runsPulsar: boolean, runsConnector: boolean): readonly string[] => {
    const variables = listVariables(settings, [], surroundings, {}, { runsPulsar, runsConnector });
    const lines = Object.entries(variables).map(([key, value]) => `${key}='${value}'\n`);
    put('/etc/starquake/node.env', lines.join(''));
    put('/opt/starquake/here', '');
    putProgram('/stand-ins/dnf', 'exit 0');
    putProgram('/stand-ins/aws', `echo "$4" >>${join(machine, 'asked')}; tar -czf "$5" -C ${machine} --transform 's,^,top/,' asked`);
    putProgram('/stand-ins/sha256sum', `cut -c1-64 >>${join(machine, 'asked')}`);
    expect(play('fetch-software')).toBe(0);
    return readFileSync(join(machine, 'asked'), 'utf8').trimEnd().split('\n');
  };
  const [ofPulsar, ofConnector] = [
    [
      's3://artefacts/pulsar/1.0.a/apache-pulsar-1.0.a-bin.tar.gz',
      'a'.repeat(64),
      's3://artefacts/pulsar/1.0.b/apache-pulsar-offloaders-1.0.b-bin.tar.gz',
      'b'.repeat(64),
    ],
    ['s3://artefacts/connector/1.0.c/starquake-connector-1.0.c-linux-arm64.tar.gz', 'c'.repeat(64)],
  ];

  it.each([
    { of: 'Pulsar alone', runsPulsar: true, runsConnector: false, fetched: ofPulsar },
    { of: 'a connector alone', runsPulsar: false, runsConnector: true, fetched: ofConnector },
    { of: 'both', runsPulsar: true, runsConnector: true, fetched: [...ofPulsar, ...ofConnector] },
  ])('brings what a machine of $of runs, each checked, and nothing else', ({ runsPulsar, runsConnector, fetched }) => {
    expect(fetchFor(runsPulsar, runsConnector)).toEqual(fetched);
    const isThere = (path: string): boolean => existsSync(join(machine, path, '.unpacked'));
    expect([isThere('opt/pulsar'), isThere('opt/starquake/connector')]).toEqual([runsPulsar, runsConnector]);
  });
});
