// What an operator writes, and what is said to him about it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StarquakeError } from '../../src/protocol/starquake-error.ts';
import { defineSettings } from '../../lib/settings/define-settings.ts';
import { listZones } from '../../lib/settings/list-zones.ts';
import { loadSettings } from '../../lib/settings/load-settings.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'starquake-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const refuse = (value: unknown, override = {}): StarquakeError => {
  try {
    readSettings(value, override);
  } catch (error) {
    if (error instanceof StarquakeError) return error;
    throw error;
  }
  throw new Error('The settings were taken.');
};

describe('settings', () => {
  it('need nothing to be written: what is left out has a value', () => {
    expect(readSettings(undefined)).toMatchObject({ name: 'starquake', size: 'dev', region: 'us-east-1' });
  });

  it('are overridden by what the command line says', () => {
    expect(readSettings({ size: 'production' }, { size: 'small' }).size).toBe('small');
  });

  it('are refused with every problem and its place at once', () => {
    const { code, message } = refuse({
      name: 'Not A Name',
      size: 'huge',
      production: { bookies: { count: 3, instanceType: 'i8g.large' } },
      colour: 1,
    });
    expect(code).toBe('SETTINGS_INVALID');
    for (const place of ['name:', 'size:', 'production.bookies.count:', 'colour']) expect(message).toContain(place);
  });

  it('refuse a size of the command line that there is not', () => {
    expect(refuse({}, { size: 'tiny' }).message).toContain('size:');
  });

  it.each([
    ['an even number of ZooKeepers', { zookeepers: { instanceType: 't4g.medium', count: 4 } }],
    ['fewer bookies than a lost one leaves room for', { bookies: { instanceType: 'im4gn.large', count: 3 } }],
    ['more connectors at least than at most', { connectors: { instanceType: 'c7g.large', least: 5, most: 2 } }],
  ])('refuse %s', (_, production) => {
    expect(refuse({ production }).code).toBe('SETTINGS_INVALID');
  });

  it('put machines into three zones of the region unless zones are given', () => {
    expect(listZones(readSettings({ region: 'eu-west-1' }))).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
    expect(listZones(readSettings({ availabilityZones: ['us-east-1b', 'us-east-1d', 'us-east-1f'] }))[1]).toBe('us-east-1d');
  });
});

describe('the settings file', () => {
  it('may be absent, unless it was asked for', async () => {
    expect(await loadSettings(folder)).toBeUndefined();
    await expect(loadSettings(folder, 'other.config.ts')).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });

  it('is a module that exports settings', async () => {
    writeFileSync(join(folder, 'good.config.ts'), "export default { name: 'orders' };\n");
    expect(await loadSettings(folder, 'good.config.ts')).toEqual(defineSettings({ name: 'orders' }));
  });

  it.each([
    ['exports nothing', 'export const settings = {};\n'],
    ['cannot be run', 'throw new Error("no");\n'],
  ])('is refused when it %s', async (what, text) => {
    const name = `${what.replaceAll(' ', '-')}.config.ts`;
    writeFileSync(join(folder, name), text);
    await expect(loadSettings(folder, name)).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });
});
