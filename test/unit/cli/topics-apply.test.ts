// `starquake topics apply` makes what is missing, once, and says what it did.
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMemoryAdministration, type MemoryAdministration } from '../../support/pulsar/memory-administration.ts';
import { startStandIn } from '../../support/pulsar/stand-in.ts';
import { runCommand, type Outcome } from './fake-terminal.ts';

const probe = resolve(import.meta.dirname, '../../support/apps/probe/app.ts');

let pulsar: MemoryAdministration;
beforeEach(async () => void (pulsar = await startMemoryAdministration()));
afterEach(() => pulsar.close());

const apply = (...words: readonly string[]): Promise<Outcome> => runCommand(['topics', 'apply', '--pulsar', pulsar.webUrl, ...words]);

describe('topics apply', () => {
  it('makes namespace and topics, says each change, and finds nothing to change the second time', async () => {
    const first = await apply();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('+ the tenant\n+ the namespace\n');
    expect(first.stdout).toContain('+ the topic inbox, of 64 partitions\n');
    expect(first.stdout).toMatch(/\nstarquake\/main: \d+ changes made\.\n$/);
    expect(pulsar.listTopics('starquake/main')).toMatchObject({ inbox: 64, history: 4, timers: 1 });
    const changed = pulsar.changes.length;
    expect(await apply()).toMatchObject({ code: 0, stdout: 'starquake/main: nothing to change.\n' });
    expect(pulsar.changes.length).toBe(changed);
  });

  it('with --dry-run changes nothing, and ends with 1 when there is something to do', async () => {
    const planned = await apply('--dry-run');
    expect(planned.code).toBe(1);
    expect(planned.stdout).toMatch(/changes to make; nothing was changed\.\n$/);
    expect(pulsar.changes).toEqual([]);
    await apply();
    expect(await apply('--dry-run')).toMatchObject({ code: 0, stdout: 'starquake/main: nothing to change.\n' });
  });

  it('makes the queues of the jobs of apps that are named', async () => {
    await apply();
    const { stdout } = await apply(probe, '--json');
    const queues = Object.keys(pulsar.listTopics('starquake/main')).filter((name) => name.startsWith('jobs.'));
    expect(queues.length).toBeGreaterThan(0);
    expect(queues.every((name) => name.startsWith('jobs.probe.'))).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({
      namespace: 'starquake/main',
      dryRun: false,
      changes: expect.arrayContaining([expect.objectContaining({ kind: 'createTopic', topic: queues[0], text: expect.any(String) })]),
    });
  });

  it('does not partition a live inbox anew, and says why', async () => {
    await apply('--inbox-partitions', '16');
    const changed = pulsar.changes.length;
    const refused = await apply();
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toMatch(/^TOPIC_FIXED: .*16 partitions and is to have 64.*two owners/);
    expect(pulsar.changes.length).toBe(changed);
    expect(await apply('--inbox-partitions', '16')).toMatchObject({ code: 0 });
  });

  it('sets what is chosen about the namespace', async () => {
    const { stdout } = await apply('--namespace', 'acme/shop', '--backlog-limit', '1GiB', '--offload-threshold', '10MiB');
    expect(stdout).toContain('publishers wait when 1073741824 bytes of a topic are unread\n');
    expect(stdout).toContain('topics of more than 10485760 bytes are offloaded\n');
    expect(pulsar.listTopics('acme/shop')).toMatchObject({ inbox: 64 });
  });

  it('takes the Pulsar from the environment', async () => {
    const environment = { STARQUAKE_PULSAR_URL: pulsar.webUrl, STARQUAKE_PULSAR_NAMESPACE: 'acme/shop' };
    expect(await runCommand(['topics', 'apply'], { environment })).toMatchObject({ code: 0 });
    expect(pulsar.listTopics('acme/shop')).toMatchObject({ inbox: 64 });
  });

  it('ends with 2 where no Pulsar is named, with 3 where none answers, with 4 where it refuses', async () => {
    expect(await runCommand(['topics', 'apply'])).toMatchObject({ code: 2, stderr: expect.stringContaining('STARQUAKE_PULSAR_URL') });
    expect(await runCommand(['topics', 'apply', '--pulsar', 'http://127.0.0.1:1'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^BUS_UNREACHABLE: /),
    });
    const refusing = await startStandIn({ onAdmin: () => ({ status: 401 }) });
    try {
      expect(await runCommand(['topics', 'apply', '--pulsar', refusing.webUrl])).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(/^BUS_REFUSED: /),
      });
    } finally {
      await refusing.close();
    }
  });
});
