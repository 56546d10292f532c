// What a connector's machine says at the end of its first boot is run, with a check and a command line of AWS that note what they are asked.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderSignal } from '../../lib/machines/render-signal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starquake-signal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, line: string): void => {
  writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${line}\n`);
  chmodSync(join(folder, name), 0o755);
};

/** Runs it as the end of a script that gives up at its first error; what AWS was asked for. */
const play = (check: string, aws: string): string => {
  put('check', check);
  put('aws', `echo "$@" >> ${join(folder, 'asked')}; ${aws}`);
  const text = renderSignal({ stack: 'starquake-engine', resource: 'Group' }, folder).replace(
    '/var/lib/cloud/data/instance-id',
    join(folder, 'id'),
  );
  writeFileSync(join(folder, 'id'), 'i-0123456789abcdef0\n');
  writeFileSync(join(folder, 'start.sh'), `set -euo pipefail\n${text}`);
  const environment = { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
  execFileSync('bash', [join(folder, 'start.sh')], { env: environment, stdio: 'ignore' });
  return readFileSync(join(folder, 'asked'), 'utf8');
};

const asked = (status: string): string =>
  `cloudformation signal-resource --stack-name starquake-engine --logical-resource-id Group --unique-id i-0123456789abcdef0 --status ${status}\n`;

describe('the signal of a machine', () => {
  it('says that it works when its connector is ready', () => {
    expect(play('[[ $1 == connector && $2 -gt 0 ]]', 'true')).toBe(asked('SUCCESS'));
  });

  it('says that it does not when its connector never is', () => {
    expect(play('exit 1', 'true')).toBe(asked('FAILURE'));
  });

  it('is no error where nobody waits for it, as when a machine comes with the load', () => {
    expect(play('true', 'exit 254')).toBe(asked('SUCCESS'));
  });
});
