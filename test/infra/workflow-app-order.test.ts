// Deployments are numbered by their code: the same number for the same code, a higher one for other code.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeOrder } from '../../lib/constructs/workflow-app-order.ts';

describe('the order of a deployment', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'starquake-order-'));
    file = join(folder, 'starquake.deployments.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const take = (app: string, content: string, frozen = false): number => takeOrder(file, { app, content, frozen });

  it('begins with 1, and stays as long as the code does', () => {
    expect([take('booking', 'a'), take('booking', 'a')]).toEqual([1, 1]);
  });

  it('is higher for other code, also for code that was there before: going back is a new deployment', () => {
    expect([take('booking', 'a'), take('booking', 'b'), take('booking', 'a')]).toEqual([1, 2, 3]);
  });

  it('is counted for each app', async () => {
    take('shop', 'a');
    take('booking', 'a');
    take('shop', 'b');
    expect(await readFile(file, 'utf8')).toBe(
      `${JSON.stringify({ booking: { order: 1, content: 'a' }, shop: { order: 2, content: 'b' } }, undefined, 2)}\n`,
    );
  });

  it('is never taken where nobody would commit it', async () => {
    const missing = expect.objectContaining({ code: 'DEPLOYMENT_UNNUMBERED' });
    expect(() => take('booking', 'a', true)).toThrow(missing);
    expect(await readdir(folder)).toEqual([]);
    take('booking', 'a');
    expect(take('booking', 'a', true)).toBe(1);
    expect(() => take('booking', 'b', true)).toThrow(missing);
  });

  it.each(['{', '[]', '{"booking":{"order":0,"content":"a"}}', '{"booking":{}}'])('is not guessed from a broken file: %s', async (text) => {
    await writeFile(file, text);
    expect(() => take('booking', 'a')).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});
